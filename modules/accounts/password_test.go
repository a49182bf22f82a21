package accounts_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/accounts"
)

const hash = "$6$salt$Rw1a8Jf0H2JtO0hYbqVbF3"

func TestPasswords(t *testing.T) {
	t.Parallel()
	masked := change.Change{Action: change.Update, Kind: "password", Target: "app", After: &change.Value{Secret: true}}
	lock := func(yes string) []change.Change {
		return []change.Change{{Action: change.Update, Kind: "password", Target: "app", After: change.Attrs("locked", yes)}}
	}
	is := func(hash string, ran ...string) moduletest.Then {
		u := system.User{UID: 1000, Group: "app", Groups: []string{"log"}, Home: "/home/app", Shell: "/bin/sh", Comment: "App", PasswordHash: hash}
		return moduletest.Then{Objects: map[system.Key]system.Object{key("user", "app"): u}, Ran: ran}
	}
	locked := func() *systemtest.Fake {
		f := host()
		u := f.Objects[key("user", "app")].(system.User)
		u.PasswordHash = "!" + hash
		f.Set("app", u)
		return f
	}
	made := masked
	made.Target = "b"
	moduletest.Run(t, accounts.User, []moduletest.Case{
		{Name: "set", Host: host, Args: module.Args{"name": "app", "password": secret.New(hash)}, Want: []change.Change{masked}, Then: is(hash, "chpasswd -e")},
		{Name: "set and locked", Host: host, Args: module.Args{"name": "app", "password": secret.New(hash), "password_lock": true}, Want: []change.Change{masked}, Then: is("!"+hash, "chpasswd -e")},
		{Name: "there and locked", Host: locked, Args: module.Args{"name": "app", "password": secret.New(hash), "password_lock": true}},
		{Name: "there, so left", Host: host, Args: module.Args{"name": "app", "password": secret.New(hash), "update_password": "on_create"}},
		{Name: "of a new account", Host: host, Args: module.Args{"name": "b", "create_home": false, "password": secret.New(hash), "update_password": "on_create"},
			Want: []change.Change{does(change.Create, "user", "b", nil, change.Attrs("home", "/home/b")), made},
			Then: moduletest.Then{Ran: []string{"useradd -U -d /home/b -M b", "chpasswd -e"}}},
		{Name: "lock", Host: host, Args: module.Args{"name": "app", "password_lock": true}, Want: lock("yes"), Then: is("!$6$salt$old", "usermod -L app")},
		{Name: "unlock", Host: locked, Args: module.Args{"name": "app", "password_lock": false}, Want: lock("no"), Then: is(hash, "usermod -U app")},
		{Name: "as it is typed", Host: host, Args: module.Args{"name": "app", "password": secret.New("hunter2")}, Err: "the password is no crypt hash, make one with openssl passwd -6"},
		{Name: "two lines", Host: host, Args: module.Args{"name": "app", "password": secret.New("$6$a$b\nroot:x")}, Err: "a line end"},
	})
}

// What is declared of a password is not printed when it does not come true.
func TestAHashIsNotInAnError(t *testing.T) {
	t.Parallel()
	f := host()
	f.Commands["chpasswd"] = systemtest.Prints("")
	p, err := accounts.User.Plan(t.Context(), f, module.Args{"name": "app", "password": secret.New(hash)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Apply(t.Context(), f); err == nil || strings.Contains(err.Error(), "$6$") {
		t.Errorf("the error is %v", err)
	}
}

// A check knows the account that an earlier task would make, and its files.
func TestAnAccountThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	f := host()
	f.Files["/etc/login.defs"] = systemtest.File{Text: "# HOME_MODE 0755\nUMASK 077\n"}
	f.Files["/etc/skel/.profile"] = systemtest.File{Text: "x"}
	o := overlay.New(system.ReadOnly(f))
	check := func(m module.Module, args module.Args, want int) {
		t.Helper()
		o.Task("")
		p, err := m.Plan(t.Context(), system.ReadOnly(o), args)
		if err != nil || len(p.Steps) != want || o.Doubt() != nil {
			t.Fatalf("the plan is %+v, %v, in doubt of %v", p, err, o.Doubt())
		}
		if _, err := p.Apply(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	deploy := module.Args{"name": "deploy", "groups": []any{"sudo"}, "append": true, "password": secret.New(hash)}
	keys := module.Args{"user": "deploy", "key": alice}
	for _, want := range []int{2, 0} {
		check(accounts.User, deploy, want)
		check(accounts.AuthorizedKey, keys, want)
	}
	if in, err := o.Lstat("/home/deploy"); err != nil || in.Attrs.Mode != 0o700 || o.Doubt() != nil {
		t.Errorf("the home directory is %+v, %v", in, err)
	}
	if _, err := o.Digest("/home/deploy/.profile"); err == nil {
		t.Error("what the skeleton brings is known")
	}
}
