package accounts

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
)

// create plans u with all that the task says of it.
func (u *account) create(ctx context.Context, r system.Reader) error {
	a := u.args
	usual := defaults(r)
	own, err := u.owns(ctx, r)
	if err != nil {
		return err
	}
	u.now = system.User{UID: -1, Group: cmp.Or(a.Group, a.Name), Groups: u.wanted(), Home: cmp.Or(a.Home, path.Join(usual["HOME"], a.Name)), Shell: a.Shell}
	if a.UID != nil {
		u.now.UID = *a.UID
	}
	if a.Comment != nil {
		u.now.Comment = *a.Comment
	}
	e := system.Closed()
	if own {
		e.Set = append(e.Set, system.Holds(a.Name, system.Group{GID: -1}))
	}
	e.Set = append(e.Set, system.Holds(a.Name, u.now), system.Vague(system.Path("/etc/subuid")), system.Vague(system.Path("/etc/subgid")))
	for _, mail := range mails(a.Name) {
		e.Set = append(e.Set, system.Vague(system.Path(mail)))
	}
	if a.CreateHome {
		e.Set = append(e.Set, u.home(ctx, r, cmp.Or(a.Skeleton, usual["SKEL"]))...)
	}
	shown := u.shown(u.wanted())
	if u.sure && a.Home == "" {
		shown.Attrs = append(shown.Attrs, change.Attr{Name: "home", Value: u.now.Home})
	}
	u.add(change.Change{Action: change.Create, After: shown}, e, u.useradd(own)...)
	return nil
}

// owns reports whether u gets a group of its own name, which must not be there yet.
func (u *account) owns(ctx context.Context, r system.Reader) (bool, error) {
	if g := u.args.Group; g != "" && g != u.args.Name {
		return false, nil
	}
	_, err := system.Get[system.Group](ctx, r, u.args.Name)
	if err != nil && !system.Absent(err) {
		return false, err
	}
	return err != nil, nil
}

func (u *account) useradd(own bool) []string {
	a, argv := u.args, []string{"useradd"}
	if a.System {
		argv = append(argv, "-r")
	}
	if a.UID != nil {
		argv = append(argv, u.uid()...)
	}
	if own {
		argv = append(argv, "-U")
	} else {
		argv = append(argv, "-g", u.now.Group)
	}
	if len(u.now.Groups) > 0 {
		argv = append(argv, "-G", strings.Join(u.now.Groups, ","))
	}
	argv = append(argv, "-d", u.now.Home)
	if a.CreateHome {
		argv = append(argv, "-m")
		if a.Skeleton != "" {
			argv = append(argv, "-k", a.Skeleton)
		}
	} else {
		argv = append(argv, "-M")
	}
	if a.Shell != "" {
		argv = append(argv, "-s", a.Shell)
	}
	if u.now.Comment != "" {
		argv = append(argv, "-c", u.now.Comment)
	}
	return append(argv, a.Name)
}

func (u *account) uid() []string {
	argv := []string{"-u", strconv.Itoa(*u.args.UID)}
	if u.args.NonUnique {
		argv = append(argv, "-o")
	}
	return argv
}

// home is what making the home directory brings about: nothing if it is there,
// else what the skeleton has.
func (u *account) home(ctx context.Context, r system.Reader, skeleton string) []system.Effect {
	home := u.now.Home
	there, err := system.Exists(ctx, r, home)
	switch {
	case there:
		return nil
	case err != nil:
		return []system.Effect{system.Vague(system.Path(home + "/"))}
	}
	mine := system.Attrs{Owner: u.args.Name, Group: u.now.Group}
	dir := system.Info{Type: fs.ModeDir, Attrs: mine}
	dir.Attrs.Mode = homeMode(r)
	set := []system.Effect{system.Holds(home, dir)}
	list, err := r.ReadDir(skeleton)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return []system.Effect{system.Vague(system.Path(home + "/")), set[0]}
	}
	for _, in := range list {
		p := path.Join(home, path.Base(in.Path))
		if in.Type == 0 {
			set = append(set, system.Holds(p, system.Info{Attrs: system.Attrs{Owner: mine.Owner, Group: mine.Group, Mode: in.Attrs.Mode}}))
		} else {
			set = append(set, system.Vague(system.Path(p+"/")))
		}
	}
	return set
}

// wanted are the supplementary groups that the task names, nil if it names none.
func (u *account) wanted() (out []string) {
	for _, g := range u.args.Groups {
		if g != "" && g != cmp.Or(u.args.Group, u.now.Group, u.args.Name) {
			out = append(out, g)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown are the attributes that the task asks for, always the same ones, so that
// a possible creation and what it turns out to be can be compared.
func (u *account) shown(groups []string) *change.Value {
	a, uid, comment, list := u.args, "", "", ""
	if a.UID != nil {
		uid = strconv.Itoa(*a.UID)
	}
	if a.Comment != nil {
		comment = *a.Comment
	}
	if a.Groups != nil {
		list = strings.Join(groups, ",")
	}
	if a.Groups != nil && a.Append && !u.sure {
		list = change.Later
	}
	return change.Attrs("uid", uid, "group", a.Group, "groups", list, "home", a.Home, "shell", a.Shell, "comment", comment)
}
