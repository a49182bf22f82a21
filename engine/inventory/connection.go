package inventory

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory/ini"
	"github.com/gokube/gokube/engine/inventory/sshargs"
	"github.com/gokube/gokube/engine/secret"
)

// Kind is how a host is connected to.
type Kind string

// The kinds of connections.
const (
	SSH   Kind = "ssh"
	Local Kind = "local" // this machine
)

// HostKeys is what is done about the key of a host that is not known.
type HostKeys string

// The answers. A key that differs from a known one is refused by all.
const (
	HostKeysDefault   HostKeys = ""           // nothing is said
	HostKeysStrict    HostKeys = "strict"     // refuse it
	HostKeysAcceptNew HostKeys = "accept-new" // remember it
)

// Conn is what the variables of a host say about connecting to it. Zero fields
// are not said.
type Conn struct {
	Kind       Kind   // never empty
	Address    string // never empty
	Port       int
	User       string
	Password   secret.String
	KeyFiles   []string // the first is tried first
	Jump       string   // as after ssh -J: hosts with commas between; "none" for none
	KnownHosts []string
	HostKeys   HostKeys
	Timeout    time.Duration
	Become     Become
}

// Become is what the variables of a host say about becoming another user.
type Become struct {
	Enabled  *bool  // nil if nothing is said
	Method   string // sudo, su, doas or empty
	User     string
	Password secret.String
	Exe      string
	Flags    []string
}

// Connection reads the variables that say how the host of that name is reached.
// vars gives the final value of a variable. The error is a diag.List, without
// places, of all values that make no sense and of all arguments for ssh that are
// not supported.
func Connection(name string, vars func(name string) (any, bool)) (Conn, error) {
	s := &settings{vars: vars}
	c := Conn{
		Kind:       s.kind(),
		Address:    s.text("ansible_host", "ansible_ssh_host"),
		Port:       s.number(65535, "ansible_port", "ansible_ssh_port"),
		User:       s.text("ansible_user", "ansible_ssh_user"),
		Password:   s.secret("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
		KnownHosts: s.words("ansible_ssh_known_hosts_file"),
		HostKeys:   s.hostKeys("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
		Timeout:    s.seconds("ansible_ssh_timeout", "ansible_timeout"),
		Become: Become{
			Enabled:  s.flag("ansible_become", "ansible_sudo"),
			Method:   s.method("ansible_become_method"),
			User:     s.text("ansible_become_user", "ansible_sudo_user"),
			Password: s.secret("ansible_become_pass", "ansible_become_password", "ansible_sudo_pass"),
			Exe:      s.text("ansible_become_exe"),
			Flags:    s.words("ansible_become_flags"),
		},
	}
	if key := s.text("ansible_private_key_file", "ansible_ssh_private_key_file"); key != "" {
		c.KeyFiles = []string{key}
	}
	if c.Address == "" {
		c.Address = name
	}
	if c.Kind == SSH {
		s.arguments(&c)
	}
	return c, s.problems.Err()
}

// settings reads variables and collects what is wrong with them.
type settings struct {
	vars     func(string) (any, bool)
	problems diag.List
}

// find is the value of the last of names that is set, and that name.
func (s *settings) find(names ...string) (v any, name string) {
	for _, name := range slices.Backward(names) {
		if v, ok := s.vars(name); ok && v != nil && v != "" {
			return v, name
		}
	}
	return nil, ""
}

func (s *settings) fail(summary, detail, hint string) {
	s.problems = append(s.problems, diag.Diagnostic{Summary: summary, Detail: detail, Hint: hint})
}

// invalid reports a value that is not what the variable needs. A secret masks
// itself.
func (s *settings) invalid(name string, v any, want string) {
	shown := fmt.Sprintf("%q", fmt.Sprint(v))
	switch v.(type) {
	case map[string]any:
		shown = "a map"
	case []any:
		shown = "a list"
	}
	s.fail("invalid connection variable", fmt.Sprintf("%s is %s, not %s", name, shown, want), "")
}

func (s *settings) text(names ...string) string {
	v, name := s.find(names...)
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case secret.String:
		return v.Reveal()
	}
	s.invalid(name, v, "text")
	return ""
}

func (s *settings) secret(names ...string) secret.String {
	v, name := s.find(names...)
	switch v := v.(type) {
	case nil:
		return secret.String{}
	case secret.String:
		return v
	case string:
		return secret.New(v)
	case int:
		return secret.New(strconv.Itoa(v))
	}
	s.fail("invalid connection variable", name+" is not text", "quote it")
	return secret.String{}
}

// plain is the text of v, for reading it. What is shown is v itself.
func plain(v any) string {
	v, _ = secret.Reveal(v)
	return strings.TrimSpace(fmt.Sprint(v))
}

func (s *settings) number(most int, names ...string) int {
	v, name := s.find(names...)
	if v == nil {
		return 0
	}
	n, err := strconv.Atoi(plain(v))
	if err != nil || n < 1 || n > most {
		s.invalid(name, v, fmt.Sprintf("a number from 1 to %d", most))
		return 0
	}
	return n
}

func (s *settings) seconds(names ...string) time.Duration {
	return time.Duration(s.number(math.MaxInt32, names...)) * time.Second
}

// words is a list, or the words of a text.
func (s *settings) words(names ...string) []string {
	v, name := s.find(names...)
	if list, ok := v.([]any); ok {
		out := make([]string, len(list))
		for i, e := range list {
			out[i] = plain(e)
		}
		return out
	}
	words, err := ini.Words(s.text(names...))
	if err != nil {
		s.fail("invalid connection variable", name+": "+err.Error(), "")
	}
	return words
}

func (s *settings) flag(names ...string) *bool {
	v, name := s.find(names...)
	if v == nil {
		return nil
	}
	b, ok := truth(v)
	if !ok {
		s.invalid(name, v, "yes or no")
		return nil
	}
	return &b
}

// truth is what Ansible takes v for where it wants yes or no.
func truth(v any) (b, ok bool) {
	switch strings.ToLower(plain(v)) {
	case "true", "yes", "on", "y", "t", "1", "1.0":
		return true, true
	case "false", "no", "off", "n", "f", "0", "0.0":
		return false, true
	}
	return false, false
}

func (s *settings) kind() Kind {
	name := strings.TrimPrefix(s.text("ansible_connection"), "ansible.builtin.")
	switch name {
	case "", "ssh", "smart":
		return SSH
	case "local":
		return Local
	}
	hint := "use ssh or local"
	if strings.HasPrefix(name, "paramiko") {
		hint = "use ssh: gokube needs no ssh program"
	}
	s.fail("unknown connection", strconv.Quote(name), hint)
	return SSH
}

func (s *settings) method(names ...string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(s.text(names...), "ansible.builtin."), "community.general.")
	if known := []string{"", "sudo", "su", "doas"}; !slices.Contains(known, name) {
		s.fail("unknown become method", strconv.Quote(name), "use sudo, su or doas")
		return ""
	}
	return name
}

func (s *settings) hostKeys(names ...string) HostKeys {
	v, name := s.find(names...)
	if v == nil {
		return HostKeysDefault
	}
	if plain(v) == string(HostKeysAcceptNew) {
		return HostKeysAcceptNew
	}
	on, ok := truth(v)
	switch {
	case !ok:
		s.invalid(name, v, "yes or accept-new")
	case !on:
		s.fail("host keys are always verified", fmt.Sprintf("%s is %v", name, v), "accept-new takes the key of a host that is not known yet")
	}
	return HostKeysStrict
}

// arguments adds what the arguments for ssh say and c does not have.
func (s *settings) arguments(c *Conn) {
	var a sshargs.Args
	for _, name := range []string{"ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"} {
		for _, r := range a.Parse(s.text(name)) {
			s.fail("unsupported ssh argument", fmt.Sprintf("%s in %s: %s", r.Arg, name, r.Why), r.Hint)
		}
	}
	if c.Port == 0 {
		c.Port = a.Port
	}
	if c.User == "" {
		c.User = a.User
	}
	if c.Timeout == 0 {
		c.Timeout = a.Timeout
	}
	if len(c.KnownHosts) == 0 {
		c.KnownHosts = a.KnownHosts
	}
	if c.HostKeys == HostKeysDefault && a.HostKeys != "" {
		c.HostKeys = map[string]HostKeys{"yes": HostKeysStrict, "accept-new": HostKeysAcceptNew}[a.HostKeys]
	}
	c.KeyFiles = append(c.KeyFiles, a.KeyFiles...)
	c.Jump = a.Jump
}
