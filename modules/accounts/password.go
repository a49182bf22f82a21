package accounts

import (
	"context"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
)

// hashed is an error if the password is given as it is typed, or cannot be a line
// of /etc/shadow. It does not show it.
func (p *Login) hashed(name string) error {
	h := p.Password.Reveal()
	switch bare := strings.TrimLeft(h, "!"); {
	case strings.ContainsAny(h, ":\n\r\x00 "):
		return fmt.Errorf("user %s: the password is no crypt hash: it holds a colon, a blank or a line end", name)
	case h == "" || bare == "" || bare == "*" || strings.HasPrefix(bare, "$") && strings.Count(bare, "$") >= 3 || strings.HasPrefix(bare, "_"):
		return nil
	}
	return fmt.Errorf("user %s: the password is no crypt hash, make one with openssl passwd -6", name)
}

// password plans what of u's password differs from what the task says.
func (u *account) password() {
	a, is := u.args, u.now.PasswordHash
	want := a.Password.Reveal()
	if want == "" || u.there && a.UpdatePassword == "on_create" {
		u.lock(is)
		return
	}
	if a.PasswordLock != nil {
		want = strings.TrimLeft(want, "!")
		if *a.PasswordLock {
			want = "!" + want
		}
	}
	if is == want {
		return
	}
	u.now.PasswordHash = want
	name, e := a.Name, system.Closed(system.Holds(a.Name, u.now))
	c := system.Cmd{Argv: []string{"chpasswd", "-e"}, Stdin: []byte(name + ":" + want + "\n")}
	u.plan.Add(change.Change{Action: change.Update, Kind: "password", Target: name, After: &change.Value{Secret: true}, Doubt: u.unseen(is)},
		func(ctx context.Context, s system.System) error { return s.Run(ctx, c, e) }).Certain = u.sure
}

// unseen is why nobody knows whether a password of an account that is there has to
// be changed.
func (u *account) unseen(hash string) string {
	if u.there && hash == "" {
		return "depends on the hash of its password, which cannot be read"
	}
	return ""
}

// lock plans that the password that is there lets in, or does not. A new account
// has none, which is as good as locked.
func (u *account) lock(is string) {
	want, bare := u.args.PasswordLock, strings.TrimLeft(is, "!")
	if want == nil || !u.there || *want == (bare != is) {
		return
	}
	attr, verb := "yes", "-L"
	switch {
	case *want && is != "":
		u.now.PasswordHash = "!" + is
	case *want:
	case bare == "" || bare == "*":
		u.plan.Note = u.args.Name + " has no password that could be unlocked"
		return
	default:
		attr, verb, u.now.PasswordHash = "no", "-U", is[1:]
	}
	c := change.Change{Action: change.Update, Kind: "password", Target: u.args.Name, After: change.Attrs("locked", attr), Doubt: u.unseen(is)}
	u.plan.Add(c, run(system.Closed(system.Holds(u.args.Name, u.now)), "usermod", verb, u.args.Name)).Certain = u.sure
}
