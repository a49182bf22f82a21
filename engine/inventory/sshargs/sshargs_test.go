package sshargs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory/sshargs"
)

func TestArgumentsAreUnderstood(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]sshargs.Args{
		"":                         {},
		"-J me@bastion:2222":       {Jump: "me@bastion:2222"},
		"-Jbastion -p22":           {Jump: "bastion", Port: 22},
		"-o ProxyJump=a,b -J c":    {Jump: "a,b"},
		"-o 'ProxyJump a'":         {Jump: "a"},
		`-o ProxyJump="a"`:         {Jump: "a"},
		"-oport=22 -p 23 -l me":    {Port: 22, User: "me"},
		"-i k1 -o IdentityFile=k2": {KeyFiles: []string{"k1", "k2"}},
		"-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile='a b'":       {HostKeys: "accept-new", KnownHosts: []string{"a", "b"}},
		"-o stricthostkeychecking=YES -o ConnectTimeout=5":                      {HostKeys: "yes", Timeout: 5 * time.Second},
		"-C -o ControlMaster=auto -o ControlPersist=60s -o 'ControlPath /x' -q": {},
	} {
		var got sshargs.Args
		if refused := got.Parse(in); refused != nil {
			t.Errorf("Parse(%q) refuses %v", in, refused)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestTheRestIsRefusedByName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]sshargs.Refusal{
		"-o StrictHostKeyChecking=no":         {"-o StrictHostKeyChecking=no", "host keys are always verified", "accept-new takes the key of a host that is not known yet"},
		"-o StrictHostKeyChecking=maybe":      {"-o StrictHostKeyChecking=maybe", "it has no such value", "use yes or accept-new"},
		"-o UserKnownHostsFile=/dev/null":     {"-o UserKnownHostsFile=/dev/null", "host keys would never be verified", "leave it out and use -o StrictHostKeyChecking=accept-new"},
		`-o ProxyCommand="ssh -W %h:%p gate"`: {"-o ProxyCommand=ssh -W %h:%p gate", "commands are not run to connect", "name the jump host: -J user@host"},
		"-o ForwardAgent=yes":                 {"-o ForwardAgent=yes", "it is not supported", ""},
		"-o ForwardAgent":                     {"-o ForwardAgent", "its value is missing", ""},
		"-A":                                  {"-A", "it is not supported", ""},
		"-L 1:2:3":                            {"-L 1:2:3", "it is not supported", ""},
		"-p":                                  {"-p", "its value is missing", ""},
		"-p 0":                                {"-p 0", "its value is not a number from 1 to 65535", ""},
		"-o ConnectTimeout=x":                 {"-o ConnectTimeout=x", "its value is not a number from 1 to 86400", ""},
		"gate":                                {"gate", "it is not an option", ""},
		"-o 'x":                               {"-o 'x", "the quote ' is not closed", ""},
	} {
		var a sshargs.Args
		if diff := cmp.Diff([]sshargs.Refusal{want}, a.Parse(in)); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("-J a -o 'Port 22' -o StrictHostKeyChecking=no -CqA x")
	f.Fuzz(func(t *testing.T, in string) {
		var a sshargs.Args
		for _, r := range a.Parse(in) {
			if r.Why == "" {
				t.Errorf("%q: no reason for %q", in, r.Arg)
			}
		}
		if a.HostKeys != "" && a.HostKeys != "yes" && a.HostKeys != "accept-new" || a.Port < 0 || a.Port > 65535 {
			t.Errorf("%q: %+v", in, a)
		}
	})
}
