package accounts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// UserArgs are the arguments of the user module.
type UserArgs struct {
	// Name is the account.
	Name string `arg:"name,required,alias=user" target:"user"`
	// State is whether the account is there.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// System takes a number for system accounts, if the account is made.
	System bool `arg:"system"`
	// Remove removes the home directory too, with state absent.
	Remove bool `arg:"remove"`
	// Force removes the account even while it is logged in.
	Force bool `arg:"force"`
	Identity
	HomeDir
	Login
}

// Identity is what an account is.
type Identity struct {
	// UID is its number.
	UID *int `arg:"uid"`
	// NonUnique lets another account have the number too.
	NonUnique bool `arg:"non_unique"`
	// Group is its primary group; a new account gets one of its own name otherwise.
	Group string `arg:"group"`
	// Groups are its other groups. An empty list takes it out of all of them.
	Groups []string `arg:"groups"`
	// Append leaves it in groups that are not named.
	Append bool `arg:"append"`
	// Shell is its login shell.
	Shell string `arg:"shell"`
	// Comment is its full name.
	Comment *string `arg:"comment"`
}

// HomeDir is where an account lives.
type HomeDir struct {
	// Home is its home directory; that of a new account is in /home otherwise.
	Home string `arg:"home"`
	// CreateHome makes the home directory of a new account.
	CreateHome bool `arg:"create_home,alias=createhome" default:"true"`
	// MoveHome moves the home directory of an account that has another.
	MoveHome bool `arg:"move_home"`
	// Skeleton is the directory whose content a new home directory gets.
	Skeleton string `arg:"skeleton"`
}

// Login is how an account logs in with a password.
type Login struct {
	// Password is the crypt(3) hash of the password, as openssl passwd -6 prints it.
	Password module.Secret `arg:"password"`
	// PasswordLock is whether the password does not let in.
	PasswordLock *bool `arg:"password_lock"`
	// UpdatePassword is whether an account that is there gets the password too.
	UpdatePassword string `arg:"update_password" enum:"always|on_create" default:"always"`
}

// User makes accounts.
var User = module.Define(module.Spec{
	Name: "user", Summary: "Make, change or remove an account",
	Example: "- user:\n    name: deploy\n    groups: [sudo]\n    append: true\n    shell: /bin/bash\n- user: {name: etcd, system: true, home: /var/lib/etcd, create_home: false, shell: /usr/sbin/nologin}\n- user: {name: guest, state: absent, remove: true}\n",
	Output:  []module.Doc{{Name: "name", Text: "the account"}, {Name: "home", Text: "its home directory"}},
}, func(ctx context.Context, r system.Reader, a *UserArgs) (*module.Plan, error) {
	if err := a.valid(); err != nil {
		return nil, err
	}
	u := &account{args: a, plan: &module.Plan{}}
	if err := u.look(ctx, r); err != nil {
		return nil, err
	}
	switch {
	case a.State == "absent":
		u.remove()
	case u.there:
		u.update()
		u.password()
	default:
		if err := u.create(ctx, r); err != nil {
			return nil, err
		}
		u.password()
	}
	u.plan.Output = map[string]any{"name": a.Name, "home": u.now.Home}
	return u.plan, nil
})

// valid finds what no program may be given.
func (a *UserArgs) valid() error {
	if !proper(a.Name) {
		return fmt.Errorf("%q is no name of a user", a.Name)
	}
	for _, g := range slices.Concat(a.Groups, []string{a.Group}) {
		if g != "" && !proper(g) {
			return fmt.Errorf("user %s: %q is no name of a group", a.Name, g)
		}
	}
	if a.Home != "" && (!path.IsAbs(a.Home) || path.Clean(a.Home) == "/") {
		return fmt.Errorf("user %s: home %q is no absolute path of a directory of its own", a.Name, a.Home)
	}
	if a.UID != nil && *a.UID < 0 {
		return fmt.Errorf("user %s: the uid %d is below 0", a.Name, *a.UID)
	}
	if err := a.fields(); err != nil {
		return err
	}
	return a.hashed(a.Name)
}

// fields is an error if one is more than a field of /etc/passwd.
func (a *UserArgs) fields() error {
	fields := []string{a.Home, a.Shell}
	if a.Comment != nil {
		fields = append(fields, *a.Comment)
	}
	for _, f := range fields {
		if strings.ContainsAny(f, ":\n\r\x00") {
			return fmt.Errorf("user %s: %q holds a colon or ends a line, which /etc/passwd cannot hold", a.Name, f)
		}
	}
	return nil
}

// account is one that a task is about; now is what it will be when the steps that
// are planned so far are taken.
type account struct {
	args  *UserArgs
	plan  *module.Plan
	now   system.User
	there bool // it is known to be there
	sure  bool // it is known whether it is there
}

// look asks r what it has of u, and for the groups it is to be in.
func (u *account) look(ctx context.Context, r system.Reader) (err error) {
	a := u.args
	u.now, err = system.Get[system.User](ctx, r, a.Name)
	if err != nil && !system.Absent(err) {
		return err
	}
	u.there, u.sure = err == nil, !unsure(err)
	if a.State == "absent" {
		return nil
	}
	a.Group = system.Attrs{Group: a.Group}.Named(r).Group
	a.Groups = slices.Clone(a.Groups)
	for i, g := range a.Groups {
		a.Groups[i] = system.Attrs{Group: g}.Named(r).Group
	}
	for _, g := range slices.Concat(a.Groups, []string{a.Group}) {
		if g == "" || g == a.Name && !u.there {
			continue
		}
		_, err := system.Get[system.Group](ctx, r, g)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("user %s: there is no group %q, make it with the group module first", a.Name, g)
		}
		if err != nil && !unsure(err) {
			return err
		}
	}
	return nil
}

// add plans a step, certain if what it depends on is known.
func (u *account) add(c change.Change, e system.Effects, argv ...string) {
	c.Kind, c.Target = "user", u.args.Name
	u.plan.Add(c, run(e, argv...)).Certain = u.sure
}

// remove plans that nothing is left of u but, unless asked for, its home directory.
func (u *account) remove() {
	if !u.there && u.sure {
		return
	}
	argv, name := []string{"userdel"}, u.args.Name
	// userdel removes the group of the account's name too, if nobody else is in it.
	e := system.Closed(system.Gone(key("user", name)), system.Vague(key("group", name)))
	if u.args.Force {
		argv = append(argv, "-f")
	}
	if u.args.Remove {
		argv = append(argv, "-r")
		for _, mail := range mails(name) {
			e.Set = append(e.Set, system.Vague(system.Path(mail)))
		}
		if u.now.Home != "" {
			e.Set = append(e.Set, system.Gone(system.Path(u.now.Home)))
		}
	}
	u.add(change.Change{Action: change.Delete}, e, append(argv, name)...)
}

// mails are the files that useradd may make, and userdel remove, for mail.
func mails(name string) []string { return []string{"/var/mail/" + name, "/var/spool/mail/" + name} }
