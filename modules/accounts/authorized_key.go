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

// AuthorizedKeyArgs are the arguments of the authorized_key module.
type AuthorizedKeyArgs struct {
	// User is the account that the keys let in.
	User string `arg:"user,required"`
	// Key is one public key, or several, each on a line of its own.
	Key string `arg:"key,required"`
	// State is whether the keys let in.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// Exclusive takes all other keys out. In a loop, the last one would be left.
	Exclusive bool `arg:"exclusive"`
	// KeyOptions are put before each key, such as no-pty.
	KeyOptions string `arg:"key_options"`
	// Comment is put behind each key instead of its own.
	Comment string `arg:"comment"`
	// Path is the file; unset, it is .ssh/authorized_keys in the home directory.
	Path string `arg:"path" target:"path"`
	// ManageDir makes the directory of the file.
	ManageDir bool `arg:"manage_dir" default:"true"`
}

// AuthorizedKey lets the owners of keys log in.
var AuthorizedKey = module.Define(module.Spec{
	Name: "authorized_key", Summary: "Let the owners of SSH keys log in to an account, or no longer",
	Example: "- authorized_key:\n    user: deploy\n    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1Rw1a8Jf0H2JtO0hYbqVbF3v2S9B2l0a5m9m1k6WqX alice@example.org\n    exclusive: true\n",
	Output:  []module.Doc{{Name: "keyfile", Text: "the file"}},
}, planAuthorizedKey)

func planAuthorizedKey(ctx context.Context, r system.Reader, a *AuthorizedKeyArgs) (*module.Plan, error) {
	keys, err := parseKeys(a.Key)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(a.KeyOptions+a.Comment, "\n\r\x00") {
		return nil, errors.New("key_options and comment must each be on one line")
	}
	for i := range keys {
		a.adorn(&keys[i])
	}
	u, err := system.Get[system.User](ctx, r, a.User)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keys of %s: there is no such user, make it with the user module first", a.User)
	}
	if err != nil {
		return nil, err
	}
	file := a.Path
	if file == "" && !path.IsAbs(u.Home) {
		return nil, fmt.Errorf("keys of %s: its home directory %q is no absolute path, set path", a.User, u.Home)
	}
	if file == "" {
		file = path.Join(u.Home, ".ssh", "authorized_keys")
	}
	if !path.IsAbs(file) {
		return nil, fmt.Errorf("keys of %s: path %q is not absolute", a.User, file)
	}
	p := &module.Plan{Output: map[string]any{"keyfile": file}}
	return p, a.write(ctx, r, p, file, keys, system.Attrs{Owner: a.User, Group: u.Group})
}

func (a *AuthorizedKeyArgs) adorn(k *line) {
	if a.KeyOptions != "" {
		k.options = a.KeyOptions
	}
	if a.Comment != "" {
		k.comment = a.Comment
	}
}

// write plans the file, and its directory if that is missing.
func (a *AuthorizedKeyArgs) write(ctx context.Context, r system.Reader, p *module.Plan, file string, keys []line, mine system.Attrs) error {
	old, err := system.ReadFile(r, file)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before := parseFile(string(old))
	after := a.edit(before, keys)
	if render(after) == render(before) {
		return nil
	}
	if err := a.directory(ctx, r, p, path.Dir(file), mine); err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: file, After: shown(after)}
	if there {
		c.Action, c.Before = change.Update, shown(before)
	}
	mine.Mode = 0o600
	text := []byte(render(after))
	p.Add(c, func(_ context.Context, s system.System) error {
		return system.Rewrite(s, file, old, system.Data(text), mine)
	})
	return nil
}

// directory plans the directory of the keys, closed to others: sshd takes no keys
// from one that others may write to.
func (a *AuthorizedKeyArgs) directory(ctx context.Context, r system.Reader, p *module.Plan, dir string, mine system.Attrs) error {
	there, err := system.Exists(ctx, r, dir)
	if there || !a.ManageDir || err != nil && !unsure(err) {
		return err
	}
	mine.Mode = 0o700
	p.Add(change.Change{Action: change.Create, Kind: "directory", Target: dir, After: change.Attrs("owner", mine.Owner, "group", mine.Group, "mode", "0700")},
		func(_ context.Context, s system.System) error { return s.Mkdir(dir, mine) })
	return nil
}

// edit is a file's lines with keys, or without them.
func (a *AuthorizedKeyArgs) edit(lines, keys []line) (out []line) {
	if a.State == "absent" {
		return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return find(keys, l) != nil })
	}
	var seen []line
	for _, l := range lines {
		k := find(keys, l)
		switch {
		case k != nil && find(seen, l) == nil:
			seen = append(seen, l)
			out = append(out, l.with(*k))
		case l.blob == "" || !a.Exclusive:
			out = append(out, l) // a second line of a key may have other options
		}
	}
	for _, k := range keys {
		if find(seen, k) == nil {
			seen, out = append(seen, k), append(out, k)
		}
	}
	return out
}
