package ssh

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/hostkeys"
	"github.com/gokube/gokube/engine/transport/ssh/sshconfig"
)

// plan is how to connect to one host: what was asked for, completed by what the
// configuration files say.
type plan struct {
	address    string // host:port to connect to
	keyAddress string // host:port that its key is known by
	user       string
	password   secret.String
	retries    int
	timeout    time.Duration
	via        *transport.Target // the last jump host, which goes through the others
	depth      int
	hostKeys   transport.HostKeyPolicy
	known      *hostkeys.List
	identities identities
}

// identities are key files and where else keys may come from.
type identities struct {
	explicit, configured, defaults []string
	certificates                   []string
	agent                          string // socket, empty for none
	agentKeys                      bool   // all of its keys may be tried
}

// maxDepth ends jump hosts that are reached through each other.
const maxDepth = 8

func (d *Dialer) plan(t transport.Target, depth int) (*plan, error) {
	p := &plan{address: t.DialAddress(), depth: depth, password: t.Password}
	if depth > maxDepth {
		return p, fmt.Errorf("more than %d jump hosts, do they go through each other?", maxDepth)
	}
	config, err := d.config(t.ConfigFile)
	if err != nil {
		return p, err
	}
	s, err := config.Lookup(t.DialAddress(), t.User, t.Port)
	if err != nil {
		return p, err
	}
	port := strconv.Itoa(cmp.Or(s.Port, 22))
	p.address = net.JoinHostPort(s.HostName, port)
	p.keyAddress = p.address
	if s.HostKeyAlias != "" {
		p.keyAddress = net.JoinHostPort(s.HostKeyAlias, "22")
	}
	p.user = cmp.Or(s.User, d.options.Env.User)
	p.timeout = cmp.Or(t.Timeout, s.ConnectTimeout, transport.DefaultTimeout)
	p.retries = cmp.Or(t.Retries, transport.DefaultRetries)
	p.hostKeys = cmp.Or(t.HostKeys, s.HostKeys, transport.HostKeysStrict)
	p.identities = d.identities(t, s)
	p.via = lastJump(t, s)
	files := firstSaid(t.KnownHosts, s.KnownHosts, slices.Concat(d.options.Env.UserKnownHosts(), sshconfig.SystemKnownHosts()))
	p.known, err = d.known.Open(files)
	return p, err
}

func firstSaid(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l
		}
	}
	return nil
}

func (d *Dialer) identities(t transport.Target, s sshconfig.Settings) identities {
	agent := cmp.Or(s.IdentityAgent, d.options.AgentSocket)
	switch {
	case agent == "none":
		agent = ""
	case agent == "SSH_AUTH_SOCK":
		agent = d.options.AgentSocket
	}
	all := identities{
		explicit: t.KeyFiles, configured: s.IdentityFiles, certificates: s.CertificateFiles, agent: agent,
		agentKeys: len(t.KeyFiles) == 0 && !s.IdentitiesOnly && agent != "",
	}
	if len(t.KeyFiles) == 0 && s.IdentityFiles == nil {
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"} {
			all.defaults = append(all.defaults, filepath.Join(d.options.Env.Home, ".ssh", name))
		}
	}
	return all
}

// lastJump is the jump host next to t, which is reached through those before it.
// It is let in by the same keys, but never shown t's password.
func lastJump(t transport.Target, s sshconfig.Settings) *transport.Target {
	jumps := t.Jumps
	if len(jumps) == 0 {
		jumps = s.Jumps
	}
	if len(jumps) == 0 || slices.Equal(jumps, transport.DirectOnly()) {
		return nil
	}
	last := jumps[len(jumps)-1]
	if last.Address == t.DialAddress() {
		return nil // a ProxyJump for all hosts, seen from the jump host
	}
	return &transport.Target{
		Address: last.Address, User: last.User, Port: last.Port, Jumps: jumps[:len(jumps)-1],
		KeyFiles: t.KeyFiles, KnownHosts: t.KnownHosts, HostKeys: t.HostKeys,
		ConfigFile: t.ConfigFile, Timeout: t.Timeout, Retries: t.Retries,
	}
}

// config reads the configuration files once, and tells of what it cannot heed.
func (d *Dialer) config(file string) (*sshconfig.Config, error) {
	d.mu.Lock()
	load, ok := d.configs[file]
	if !ok {
		load = sync.OnceValues(func() (*sshconfig.Config, error) { return d.loadConfig(file) })
		d.configs[file] = load
	}
	d.mu.Unlock()
	return load()
}

func (d *Dialer) loadConfig(file string) (*sshconfig.Config, error) {
	files := d.options.Env.Files()
	switch file {
	case transport.NoConfig:
		files = nil
	case "":
	default:
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("read ssh_config: %w", err)
		}
		files = []string{file}
	}
	c, err := sshconfig.Load(d.options.Env, files...)
	if err != nil || d.options.Warn == nil {
		return c, err
	}
	for _, w := range c.Warnings() {
		d.options.Warn(w)
	}
	return c, nil
}

// processEnv is the surroundings of this process. What cannot be found out is
// empty, and whatever needs it says so.
func processEnv() sshconfig.Env {
	home, _ := os.UserHomeDir()
	e := sshconfig.Env{Home: home, User: os.Getenv("USER"), LookupEnv: os.LookupEnv}
	if u, err := user.Current(); err == nil {
		e.User = u.Username
	}
	return e
}
