package sshconfig

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kevinburke/ssh_config"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/transport"
)

// Settings is what the files say about one host. Zero values are not said, but
// HostName is always there.
type Settings struct {
	HostName         string
	User             string
	Port             int
	IdentityFiles    []string // in order, expanded; nil: the defaults
	CertificateFiles []string
	IdentitiesOnly   bool
	IdentityAgent    string // a socket, or "none"
	Jumps            []transport.Jump
	KnownHosts       []string // the user's files, then the system's; nil: the defaults
	HostKeys         transport.HostKeyPolicy
	HostKeyAlias     string
	ConnectTimeout   time.Duration
}

// value is one line of a file.
type value struct {
	text  string
	pos   diag.Pos
	order int // among all that were collected
}

// Lookup is what the files say about the host that the user calls alias, with
// user and port as given by the user, or empty. A value that makes no sense, or
// asks for what gokube cannot do, is a diag.Diagnostic.
func (c *Config) Lookup(alias, user string, port int) (Settings, error) {
	l := &lookup{values: c.collect(alias), env: c.env, alias: alias}
	s := Settings{HostName: alias, User: user, Port: port}
	l.single("hostname", func(v string) (err error) { s.HostName, err = l.expand(v, "%h", alias); return })
	l.host = s.HostName
	if user == "" {
		l.single("user", func(v string) error { s.User = v; return nil })
	}
	if port == 0 {
		l.single("port", func(v string) (err error) { s.Port, err = parsePort(v); return })
	}
	l.user, l.port = s.User, s.Port
	l.keys(&s)
	l.identity(&s)
	l.way(&s)
	return s, l.err
}

// collect walks the blocks once and keeps, for each keyword, what stands in those
// that match alias.
func (c *Config) collect(alias string) map[string][]value {
	values, order := map[string][]value{}, 0
	for _, s := range c.segments {
		if !allMatch(s.within, alias) {
			continue
		}
		for _, b := range s.blocks {
			if !b.Matches(alias) {
				continue
			}
			for _, n := range b.Nodes {
				if kv, ok := n.(*ssh_config.KV); ok {
					key := strings.ToLower(kv.Key)
					values[key] = append(values[key], value{kv.Value, diag.Pos{File: s.file, Line: kv.Pos().Line}, order})
					order++
				}
			}
		}
	}
	return values
}

func allMatch(blocks []*ssh_config.Host, alias string) bool {
	for _, b := range blocks {
		if !b.Matches(alias) {
			return false
		}
	}
	return true
}

// lookup turns values into settings and keeps the first problem.
type lookup struct {
	values            map[string][]value
	env               Env
	alias, host, user string
	port              int
	err               error
}

func (l *lookup) single(keyword string, set func(string) error) {
	if vs := l.values[keyword]; len(vs) > 0 {
		first, _, _ := strings.Cut(vs[0].text, separator)
		l.problem(keyword, vs[0], set(first))
	}
}

func (l *lookup) problem(keyword string, v value, err error) {
	if err != nil && l.err == nil {
		l.err = diag.Diagnostic{
			Pos: v.pos, Summary: "unusable value in ssh_config",
			Detail: fmt.Sprintf("%s %s: %v", keyword, strings.ReplaceAll(v.text, separator, " "), err),
		}
	}
}

// files expands the words of one line or of all lines with keyword; nil if there
// is none, empty if they say "none".
func (l *lookup) files(keyword string, onlyFirst bool) []string {
	var files []string
	if len(l.values[keyword]) > 0 {
		files = []string{}
	}
	for _, v := range l.values[keyword] {
		for word := range strings.SplitSeq(v.text, separator) {
			if word == "none" {
				continue
			}
			f, err := l.path(word)
			l.problem(keyword, v, err)
			files = append(files, f)
		}
		if onlyFirst {
			break
		}
	}
	return files
}

func (l *lookup) identity(s *Settings) {
	s.IdentityFiles = l.files("identityfile", false)
	s.CertificateFiles = l.files("certificatefile", false)
	l.single("identitiesonly", func(v string) (err error) { s.IdentitiesOnly, err = parseYes(v); return })
	l.single("identityagent", func(v string) (err error) { s.IdentityAgent, err = l.path(v); return })
}

func (l *lookup) keys(s *Settings) {
	l.single("hostkeyalias", func(v string) error { s.HostKeyAlias = v; return nil })
	user, system := l.files("userknownhostsfile", true), l.files("globalknownhostsfile", true)
	if user != nil || system != nil {
		s.KnownHosts = append(orDefault(user, l.env.UserKnownHosts()), orDefault(system, SystemKnownHosts())...)
	}
	l.single("stricthostkeychecking", func(v string) error {
		switch strings.ToLower(v) {
		case "accept-new":
			s.HostKeys = transport.HostKeysAcceptNew
		default:
			// "no" and "off" would take a changed key, too: gokube never does.
			s.HostKeys = transport.HostKeysStrict
		}
		return nil
	})
}

func orDefault(files, other []string) []string {
	if files == nil {
		return other
	}
	return files
}

func (l *lookup) way(s *Settings) {
	l.single("connecttimeout", func(v string) (err error) { s.ConnectTimeout, err = parseSeconds(v); return })
	// Whichever of the two stands first counts, for OpenSSH as here.
	jump, command := l.values["proxyjump"], l.values["proxycommand"]
	if len(command) > 0 && (len(jump) == 0 || command[0].order < jump[0].order) {
		if !strings.EqualFold(command[0].text, "none") {
			l.problem("ProxyCommand", command[0], fmt.Errorf("gokube runs no proxy commands: use ProxyJump"))
		}
		return
	}
	l.single("proxyjump", func(v string) (err error) { s.Jumps, err = transport.ParseJumps(v); return })
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("a port is a number from 1 to 65535")
	}
	return int(n), nil
}

func parseYes(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "true":
		return true, nil
	case "no", "false":
		return false, nil
	}
	return false, fmt.Errorf("want yes or no")
}

func parseSeconds(s string) (time.Duration, error) {
	if strings.EqualFold(s, "none") {
		return 0, nil
	}
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("want seconds")
	}
	return d, nil
}
