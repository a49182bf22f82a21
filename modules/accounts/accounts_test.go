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

func key(kind, name string) system.Key { return system.Key{Kind: kind, Name: name} }

func does(action change.Action, kind, name string, before, after *change.Value) change.Change {
	return change.Change{Action: action, Kind: kind, Target: name, Before: before, After: after}
}

// host has the user app, who is in the group log, and the groups sudo and docker.
func host() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Accounts(f)
	f.Set("app", system.User{UID: 1000, Group: "app", Groups: []string{"log"}, Home: "/home/app", Shell: "/bin/sh", Comment: "App", PasswordHash: "$6$salt$old"})
	f.Set("app", system.Group{GID: 1000})
	f.Set("log", system.Group{GID: 101, Members: []string{"app"}})
	f.Set("sudo", system.Group{GID: 102})
	f.Set("docker", system.Group{GID: 103})
	f.Files["/home/app"] = systemtest.File{Type: systemtest.Dir().Type, Attrs: system.Attrs{Owner: "app", Group: "app", Mode: 0o750}}
	return f
}

func TestGroup(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, accounts.Group)
	gid := func(n string) *change.Value { return change.Attrs("gid", n) }
	moduletest.Run(t, accounts.Group, []moduletest.Case{
		{Name: "make", Host: host, Args: module.Args{"name": "etcd", "system": true},
			Want: []change.Change{does(change.Create, "group", "etcd", nil, &change.Value{})},
			Then: moduletest.Then{Objects: map[system.Key]system.Object{key("group", "etcd"): system.Group{GID: 100}}, Ran: []string{"groupadd -r etcd"}}},
		{Name: "make with a number", Host: host, Args: module.Args{"name": "etcd", "gid": 2000},
			Want: []change.Change{does(change.Create, "group", "etcd", nil, gid("2000"))},
			Then: moduletest.Then{Ran: []string{"groupadd -g 2000 etcd"}}},
		{Name: "there", Host: host, Args: module.Args{"name": "log", "gid": 101}},
		{Name: "another number", Host: host, Args: module.Args{"name": "log", "gid": 201},
			Want: []change.Change{does(change.Update, "group", "log", gid("101"), gid("201"))},
			Then: moduletest.Then{Objects: map[system.Key]system.Object{key("group", "log"): system.Group{GID: 201, Members: []string{"app"}}}}},
		{Name: "remove", Host: host, Args: module.Args{"name": "sudo", "state": "absent"},
			Want: []change.Change{does(change.Delete, "group", "sudo", nil, nil)}, Then: moduletest.Then{Lacks: []system.Key{key("group", "sudo")}}},
		{Name: "gone", Host: host, Args: module.Args{"name": "nosuch", "state": "absent"}},
		{Name: "an option", Host: host, Args: module.Args{"name": "-r"}, Err: `"-r" is no name of a group`},
		{Name: "no programs", Args: module.Args{"name": "etcd"}, Want: []change.Change{does(change.Create, "group", "etcd", nil, &change.Value{})}, Err: "lacks the shadow suite"},
	})
}

func TestUser(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, accounts.User)
	u := func(u system.User) map[system.Key]system.Object {
		return map[system.Key]system.Object{key("user", "app"): u}
	}
	app := system.User{UID: 1000, Group: "app", Groups: []string{"log"}, Home: "/home/app", Shell: "/bin/sh", Comment: "App", PasswordHash: "$6$salt$old"}
	with := func(edit func(u *system.User)) moduletest.Then {
		n := app
		edit(&n)
		return moduletest.Then{Objects: u(n)}
	}
	update := func(before, after *change.Value) []change.Change {
		return []change.Change{does(change.Update, "user", "app", before, after)}
	}
	moduletest.Run(t, accounts.User, []moduletest.Case{
		{Name: "make", Host: host, Args: module.Args{"name": "deploy", "groups": []any{"sudo", "docker"}, "append": true, "shell": "/bin/bash"},
			Want:   []change.Change{does(change.Create, "user", "deploy", nil, change.Attrs("groups", "docker,sudo", "shell", "/bin/bash", "home", "/home/deploy"))},
			Output: map[string]any{"home": "/home/deploy"},
			Then: moduletest.Then{Ran: []string{"useradd -U -G docker,sudo -d /home/deploy -m -s /bin/bash deploy"},
				Files: map[string]systemtest.File{"/home/deploy": {Type: systemtest.Dir().Type, Attrs: system.Attrs{Owner: "deploy", Group: "deploy"}}},
				Objects: map[system.Key]system.Object{key("user", "deploy"): system.User{UID: 1001, Group: "deploy", Groups: []string{"docker", "sudo"}, Home: "/home/deploy", Shell: "/bin/bash", PasswordHash: "!"},
					key("group", "sudo"): system.Group{GID: 102, Members: []string{"deploy"}}}}},
		{Name: "make for a service", Host: host, Args: module.Args{"name": "etcd", "system": true, "uid": 333, "group": "log", "home": "/var/lib/etcd", "create_home": false, "comment": "etcd: x"},
			Err: "holds a colon"},
		{Name: "make for a daemon", Host: host, Args: module.Args{"name": "etcd", "system": true, "uid": 333, "group": "log", "home": "/var/lib/etcd", "create_home": false, "comment": "the store"},
			Want: []change.Change{does(change.Create, "user", "etcd", nil, change.Attrs("uid", "333", "group", "log", "home", "/var/lib/etcd", "comment", "the store"))},
			Then: moduletest.Then{Ran: []string{"useradd -r -u 333 -g log -d /var/lib/etcd -M -c 'the store' etcd"}, Gone: []string{"/var/lib/etcd"}}},
		{Name: "make with a group of its name", Host: host, Args: module.Args{"name": "sudo", "create_home": false},
			Want: []change.Change{does(change.Create, "user", "sudo", nil, change.Attrs("home", "/home/sudo"))},
			Then: moduletest.Then{Ran: []string{"useradd -g sudo -d /home/sudo -M sudo"}}},
		{Name: "make where homes are elsewhere", Host: func() *systemtest.Fake {
			f := host()
			f.Files["/etc/default/useradd"] = systemtest.File{Text: "# HOME=/x\nHOME=/srv\nSHELL=/bin/sh\n"}
			return f
		}, Args: module.Args{"name": "b"}, Want: []change.Change{does(change.Create, "user", "b", nil, change.Attrs("home", "/srv/b"))}},
		{Name: "there", Host: host, Args: module.Args{"name": "app", "shell": "/bin/sh", "groups": []any{"log"}, "comment": "App", "uid": 1000, "group": "app", "home": "/home/app"}},
		{Name: "groups more", Host: host, Args: module.Args{"name": "app", "groups": "sudo,log", "append": true},
			Want: update(change.Attrs("groups", "log"), change.Attrs("groups", "log,sudo")), Then: with(func(u *system.User) { u.Groups = []string{"log", "sudo"} })},
		{Name: "groups instead", Host: host, Args: module.Args{"name": "app", "groups": "sudo"},
			Want: update(change.Attrs("groups", "log"), change.Attrs("groups", "sudo")), Then: with(func(u *system.User) { u.Groups = []string{"sudo"} })},
		{Name: "no groups to append", Host: host, Args: module.Args{"name": "app", "groups": []any{}, "append": true}},
		{Name: "all else", Host: host, Args: module.Args{"name": "app", "shell": "/bin/bash", "comment": "", "uid": 1500, "group": "log", "home": "/srv/app"},
			Want: update(change.Attrs("uid", "1000", "group", "app", "home", "/home/app", "shell", "/bin/sh", "comment", "App"),
				change.Attrs("uid", "1500", "group", "log", "home", "/srv/app", "shell", "/bin/bash")),
			Then: with(func(u *system.User) {
				u.UID, u.Group, u.Home, u.Shell, u.Comment = 1500, "log", "/srv/app", "/bin/bash", ""
			})},
		{Name: "no such group", Host: host, Args: module.Args{"name": "app", "groups": []any{"nosuch"}}, Err: `user app: there is no group "nosuch"`},
		{Name: "remove", Host: host, Args: module.Args{"name": "app", "state": "absent"},
			Want: []change.Change{does(change.Delete, "user", "app", nil, nil)},
			Then: moduletest.Then{Lacks: []system.Key{key("user", "app")}, Files: map[string]systemtest.File{"/home/app": {Type: systemtest.Dir().Type}}}},
		{Name: "remove with its home", Host: host, Args: module.Args{"name": "app", "state": "absent", "remove": true},
			Want: []change.Change{does(change.Delete, "user", "app", nil, nil)},
			Then: moduletest.Then{Lacks: []system.Key{key("user", "app")}, Gone: []string{"/home/app"}, Ran: []string{"userdel -r app"}}},
		{Name: "gone", Host: host, Args: module.Args{"name": "nosuch", "state": "absent"}},
		{Name: "an option", Host: host, Args: module.Args{"name": "-D"}, Err: `"-D" is no name of a user`},
		{Name: "a key is not made", Host: host, Args: module.Args{"name": "app", "generate_ssh_key": true}, Err: "unknown argument"},
		{Name: "a home that is all", Host: host, Args: module.Args{"name": "app", "home": "/"}, Err: "no absolute path"},
	})
}
