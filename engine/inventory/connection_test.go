package inventory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/secret"
)

// from looks variables up in m.
func from(m map[string]any) func(string) (any, bool) {
	return func(name string) (any, bool) {
		v, ok := m[name]
		return v, ok
	}
}

func TestConnectionReadsTheVariablesOfAHost(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, c := range map[string]struct {
		vars map[string]any
		want inventory.Conn
	}{
		"nothing": {nil, inventory.Conn{Kind: inventory.SSH, Address: "h1"}},
		"all of it": {
			map[string]any{
				"ansible_connection": "ssh", "ansible_host": "10.0.0.1", "ansible_port": 2222, "ansible_user": "me", "ansible_password": secret.New("pw"),
				"ansible_ssh_private_key_file": "~/.ssh/k", "ansible_ssh_known_hosts_file": "a b", "ansible_host_key_checking": "accept-new",
				"ansible_ssh_timeout": "7", "ansible_become": "yes", "ansible_become_method": "community.general.doas", "ansible_become_user": "app",
				"ansible_become_password": 1234, "ansible_become_exe": "/bin/doas", "ansible_become_flags": "-n -x 'y z'",
			},
			inventory.Conn{
				Kind: inventory.SSH, Address: "10.0.0.1", Port: 2222, User: "me", Password: secret.New("pw"), KeyFiles: []string{"~/.ssh/k"},
				KnownHosts: []string{"a", "b"}, HostKeys: inventory.HostKeysAcceptNew, Timeout: 7 * time.Second,
				Become: inventory.Become{
					Enabled: &yes, Method: "doas", User: "app", Password: secret.New("1234"), Exe: "/bin/doas", Flags: []string{"-n", "-x", "y z"},
				},
			},
		},
		"old names win": {
			map[string]any{"ansible_host": "a", "ansible_ssh_host": "b", "ansible_ssh_user": "u", "ansible_ssh_pass": "p", "ansible_become": false, "ansible_ssh_port": "23"},
			inventory.Conn{
				Kind: inventory.SSH, Address: "b", Port: 23, User: "u", Password: secret.New("p"), Become: inventory.Become{Enabled: &no},
			},
		},
		"empty is not said": {
			map[string]any{"ansible_host": "", "ansible_port": nil, "ansible_host_key_checking": true},
			inventory.Conn{Kind: inventory.SSH, Address: "h1", HostKeys: inventory.HostKeysStrict},
		},
		"arguments fill in": {
			map[string]any{
				"ansible_port":            22,
				"ansible_ssh_common_args": "-J me@gate:2022 -o StrictHostKeyChecking=accept-new -p 99 -l you",
				"ansible_ssh_extra_args":  "-o UserKnownHostsFile=kh -o ConnectTimeout=3 -i k2 -J late",
			},
			inventory.Conn{
				Kind: inventory.SSH, Address: "h1", Port: 22, User: "you", KeyFiles: []string{"k2"}, Jump: "me@gate:2022",
				KnownHosts: []string{"kh"}, HostKeys: inventory.HostKeysAcceptNew, Timeout: 3 * time.Second,
			},
		},
		"local has no use for ssh": {
			map[string]any{"ansible_connection": "ansible.builtin.local", "ansible_ssh_common_args": "-A"},
			inventory.Conn{Kind: inventory.Local, Address: "h1"},
		},
		"a secret anywhere": {
			map[string]any{"ansible_user": secret.New("u"), "ansible_port": secret.New("22"), "ansible_become": secret.New("no")},
			inventory.Conn{Kind: inventory.SSH, Address: "h1", User: "u", Port: 22, Become: inventory.Become{Enabled: &no}},
		},
	} {
		got, err := inventory.Connection("h1", from(c.vars))
		if err != nil {
			t.Errorf("%s: %v", name, problems(err))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestConnectionRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	_, err := inventory.Connection("h1", from(map[string]any{
		"ansible_connection": "winrm", "ansible_port": 70000, "ansible_user": []any{1}, "ansible_password": true, "ansible_become": "perhaps",
		"ansible_become_method": "pbrun", "ansible_host_key_checking": false, "ansible_ssh_timeout": secret.New("hush"), "ansible_become_flags": "'x",
		"ansible_ssh_common_args": "-o ProxyCommand='ssh -W %h:%p gate' -A -o StrictHostKeyChecking=no",
	}))
	if err == nil {
		t.Fatal("all is well")
	}
	want := []string{
		`unknown connection: "winrm", use ssh or local`,
		`invalid connection variable: ansible_port is "70000", not a number from 1 to 65535`,
		`invalid connection variable: ansible_user is a list, not text`,
		`invalid connection variable: ansible_password is not text, quote it`,
		`host keys are always verified: ansible_host_key_checking is false, accept-new takes the key of a host that is not known yet`,
		`invalid connection variable: ansible_ssh_timeout is "********", not a number from 1 to 2147483647`,
		`invalid connection variable: ansible_become is "perhaps", not yes or no`,
		`unknown become method: "pbrun", use sudo, su or doas`,
		`invalid connection variable: ansible_become_flags: the quote ' is not closed`,
		`unsupported ssh argument: -o ProxyCommand=ssh -W %h:%p gate in ansible_ssh_common_args: commands are not run to connect, name the jump host: -J user@host`,
		`unsupported ssh argument: -A in ansible_ssh_common_args: it is not supported`,
		`unsupported ssh argument: -o StrictHostKeyChecking=no in ansible_ssh_common_args: host keys are always verified, accept-new takes the key of a host that is not known yet`,
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(problems(err)), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if strings.Contains(err.Error(), "hush") {
		t.Error("a secret is shown")
	}
}
