package transport

import (
	"net"
	"strconv"
	"time"

	"github.com/gokube/gokube/engine/secret"
)

// HostKeyPolicy is what is done about a host key that no known_hosts file has.
// A key that differs from a known one, or is revoked, is refused by every policy.
type HostKeyPolicy int

// The policies.
const (
	HostKeysDefault   HostKeyPolicy = iota // what ssh_config says, else HostKeysStrict
	HostKeysStrict                         // refuse unknown keys
	HostKeysAcceptNew                      // remember unknown keys in the first known_hosts file
)

// Target says which host to connect to and how. Whatever is zero comes from the
// ssh_config file or is OpenSSH's default.
type Target struct {
	Host       string        // name of the host for messages
	Address    string        // name or address to connect to, looked up in ssh_config; Host when empty
	Port       int           // 22
	User       string        // the local user's name
	Password   secret.String // tried after KeyFiles, never shown to jump hosts
	KeyFiles   []string      // tried first; if there are any, an agent is asked for nothing but the private halves of keys in files
	KnownHosts []string      // files; ~/.ssh/known_hosts and the system's
	HostKeys   HostKeyPolicy // for unknown host keys
	Jumps      []Jump        // hosts to go through, in order; DirectOnly for none at all
	ConfigFile string        // ~/.ssh/config and the system's; NoConfig for none
	Timeout    time.Duration // for one attempt to connect and authenticate; 10 s
	Retries    int           // further attempts after a passing failure; 5; negative: none
}

// NoConfig as Target.ConfigFile means that no ssh_config file is read.
const NoConfig = "none"

// DefaultTimeout is how long one attempt to connect may take unless told.
const DefaultTimeout = 10 * time.Second

// DefaultRetries is how often a passing failure is tried again unless told.
const DefaultRetries = 5

// Jump is a host that a connection goes through.
type Jump struct {
	User    string // the ssh_config's, else the local user's name
	Address string // looked up in ssh_config; never empty but in DirectOnly
	Port    int    // 22
}

// DirectOnly as Target.Jumps overrides a ProxyJump of the ssh_config file.
func DirectOnly() []Jump { return []Jump{{}} }

// Name is the host's name for messages: Host, or else Address.
func (t Target) Name() string {
	if t.Host != "" {
		return t.Host
	}
	return t.Address
}

// DialAddress is the name or address to connect to, without the port.
func (t Target) DialAddress() string {
	if t.Address != "" {
		return t.Address
	}
	return t.Host
}

// String is j as user@host:port, without what j leaves open.
func (j Jump) String() string {
	s := j.Address
	if j.Port != 0 {
		s = net.JoinHostPort(j.Address, strconv.Itoa(j.Port))
	}
	if j.User != "" {
		s = j.User + "@" + s
	}
	return s
}
