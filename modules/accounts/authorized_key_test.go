package accounts_test

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/accounts"
)

const (
	bare  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMwbe+o2MR16Mk4jRu3tn7kAm2QH0F4NBct7q8Y4q/pH"
	alice = bare + " alice@x"
	bob   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIG9Ov9du2zIvrFz3+L8jC+fh9kW1+cr/MpiM0nLG6X bob"

	aliceShown = "ssh-ed25519 SHA256:52H/rUx5dKz2OVP/6V5hsNkJfIgCBRciMx1D9tFzxls alice@x\n"
	bobShown   = "ssh-ed25519 SHA256:BTeGVHD0pMLhg8g7eVM/OeKvdcFUtkCwY9r2G+yyMik bob\n"
	keyFile    = "/home/app/.ssh/authorized_keys"
)

// holding is a host whose user app has a file of keys.
func holding(text string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := host()
		mine := system.Attrs{Owner: "app", Group: "app"}
		f.Files["/home/app/.ssh"] = systemtest.File{Type: systemtest.Dir().Type, Attrs: mine}
		f.Files[keyFile] = systemtest.File{Text: text, Attrs: system.Attrs{Owner: "app", Group: "app", Mode: 0o600}}
		return f
	}
}

func TestAuthorizedKey(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, accounts.AuthorizedKey)
	file := func(before, after string) []change.Change {
		return []change.Change{does(change.Update, "file", keyFile, &change.Value{Text: &before}, &change.Value{Text: &after})}
	}
	holds := func(text string) moduletest.Then {
		return moduletest.Then{Files: map[string]systemtest.File{keyFile: {Text: text, Attrs: system.Attrs{Owner: "app", Group: "app", Mode: 0o600}}}}
	}
	both := aliceShown + bobShown
	moduletest.Run(t, accounts.AuthorizedKey, []moduletest.Case{
		{Name: "the first", Host: host, Args: module.Args{"user": "app", "key": alice + "\n\n# old\n" + bob}, Output: map[string]any{"keyfile": keyFile},
			Want: []change.Change{does(change.Create, "directory", "/home/app/.ssh", nil, change.Attrs("owner", "app", "group", "app", "mode", "0700")),
				does(change.Create, "file", keyFile, nil, &change.Value{Text: &both})},
			Then: holds(alice + "\n" + bob + "\n")},
		{Name: "another", Host: holding("# mine\n" + alice), Args: module.Args{"user": "app", "key": bob},
			Want: file("# mine\n"+aliceShown, "# mine\n"+both), Then: holds("# mine\n" + alice + "\n" + bob + "\n")},
		{Name: "there", Host: holding(alice + "\n" + bob), Args: module.Args{"user": "app", "key": bare}},
		{Name: "with options", Host: holding(alice + "\n"), Args: module.Args{"user": "app", "key": bare, "key_options": `command="echo \"hi\"",no-pty`},
			Want: file(aliceShown, `command="echo \"hi\"",no-pty `+aliceShown), Then: holds(`command="echo \"hi\"",no-pty ` + alice + "\n")},
		{Name: "without options again", Host: holding(`from="a b" ` + alice + "\n"), Args: module.Args{"user": "app", "key": alice},
			Want: file(`from="a b" `+aliceShown, aliceShown), Then: holds(alice + "\n")},
		{Name: "exclusive", Host: holding(alice + "\n# x\n" + bob + "\n"), Args: module.Args{"user": "app", "key": bob, "exclusive": true},
			Want: file(aliceShown+"# x\n"+bobShown, "# x\n"+bobShown), Then: holds("# x\n" + bob + "\n")},
		{Name: "absent", Host: holding(alice + "\n" + bob + "\n"), Args: module.Args{"user": "app", "key": bare, "state": "absent"},
			Want: file(both, bobShown), Then: holds(bob + "\n")},
		{Name: "absent already", Host: host, Args: module.Args{"user": "app", "key": alice, "state": "absent"}},
		{Name: "elsewhere", Host: host, Args: module.Args{"user": "app", "key": bob, "path": "/etc/keys", "manage_dir": false},
			Want: []change.Change{does(change.Create, "file", "/etc/keys", nil, &change.Value{Text: new(bobShown)})}},
		{Name: "no such user", Host: host, Args: module.Args{"user": "nosuch", "key": alice}, Err: "keys of nosuch: there is no such user"},
		{Name: "no key", Host: host, Args: module.Args{"user": "app", "key": alice + "\nssh-ed25519 AAAA"}, Err: "line 2 of key is no public key"},
		{Name: "a private key", Host: host, Args: module.Args{"user": "app", "key": "-----BEGIN OPENSSH PRIVATE KEY-----\nx"}, Err: "line 1 of key is of a private key"},
		{Name: "an address", Host: host, Args: module.Args{"user": "app", "key": "https://x/keys"}, Err: "keys are not fetched"},
		{Name: "options on two lines", Host: host, Args: module.Args{"user": "app", "key": alice, "key_options": "a\nb"}, Err: "must each be on one line"},
	})
}
