package system_test

import (
	"testing"

	"github.com/gokube/gokube/engine/system"
)

func TestAHostHasOneNameForAThing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, name, want string }{
		{"sysctl", "net.ipv4.ip_forward", "net.ipv4.ip_forward"},
		{"sysctl", "net/ipv4/ip_forward", "net.ipv4.ip_forward"},
		{"sysctl", "net/ipv4/conf/eth0.1/forwarding", "net.ipv4.conf.eth0/1.forwarding"},
		{"sysctl", "net.ipv4.conf.eth0/1.forwarding", "net.ipv4.conf.eth0/1.forwarding"},
		{"sysctl", "", ""},
		{"kernel module", "nf-conntrack", "nf_conntrack"},
		{"mount", "/mnt/", "/mnt"},
		{"mount", "", ""},
		{"path", "/etc/dir/", "/etc/dir/"},
		{"hostname", "node-1", ""},
		{"package", "a-b", "a-b"},
	} {
		if got := system.Named(c.kind, c.name); got != (system.Key{Kind: c.kind, Name: c.want}) {
			t.Errorf("%s %q is %v, want %q", c.kind, c.name, got, c.want)
		}
	}
}
