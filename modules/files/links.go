package files

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// link plans that p is a symbolic link to Src.
func (a *FileArgs) link(r system.Reader, plan *module.Plan, p string, f place.Found) error {
	src := a.Src
	if src == "" && f.In.Type == fs.ModeSymlink {
		src = f.In.Target
	}
	if src == "" {
		return fmt.Errorf("make link %s: src is missing", p)
	}
	if err := a.leads(r, p, src); err != nil {
		return err
	}
	if f.There && f.In.Type == fs.ModeSymlink && f.In.Target == src {
		return a.FileAttrs.Plan(r, plan, p, f)
	}
	if err := a.mayReplace(r, p, f); err != nil {
		return err
	}
	want := system.Attrs{Owner: a.Owner, Group: a.Group}.Named(r)
	c := change.Change{Action: change.Create, Kind: "link", Target: p, After: linked(src, want)}
	if f.There {
		c.Action, c.Before = change.Update, linked(f.In.Target, f.In.Attrs)
		if f.In.Type != fs.ModeSymlink {
			c.Before = change.Attrs("type", place.Kind(f.In.Type))
		}
	}
	plan.Add(c, func(_ context.Context, s system.System) error { return makeLink(s, p, src, want, f) })
	return nil
}

func makeLink(s system.System, p, src string, want system.Attrs, f place.Found) error {
	if f.There || f.Unsure {
		if err := s.Remove(p); err != nil {
			return err
		}
	}
	if err := s.Symlink(src, p); err != nil || want == (system.Attrs{}) {
		return err
	}
	return s.SetAttrs(p, want)
}

func linked(to string, a system.Attrs) *change.Value {
	return change.Attrs("to", to, "owner", a.Owner, "group", a.Group)
}

// leads is an error if it is certain that a link at p to src would lead nowhere,
// unless that is wanted.
func (a *FileArgs) leads(r system.Reader, p, src string) error {
	if a.Force {
		return nil
	}
	to := src
	if !path.IsAbs(to) {
		to = path.Join(path.Dir(p), to)
	}
	f, err := place.Look(r, to)
	if err == nil && !f.There && !f.Unsure {
		return fmt.Errorf("make link %s: %s is not there; force: true makes the link all the same", p, src)
	}
	return err
}

// mayReplace is an error if what is at p must not give way to a link.
func (a *FileArgs) mayReplace(r system.Reader, p string, f place.Found) error {
	switch {
	case !f.There:
		return place.Parent(r, p)
	case f.In.Type == fs.ModeSymlink:
		return nil
	case !a.Force:
		return fmt.Errorf("make link %s: a %s is there; force: true replaces it", p, place.Kind(f.In.Type))
	case f.In.Type != fs.ModeDir:
		return nil
	}
	in, err := r.ReadDir(p)
	if err == nil && len(in) > 0 {
		return fmt.Errorf("make link %s: a directory is there that is not empty", p)
	}
	return err
}

// hard plans that p is another name of the file Src.
func (a *FileArgs) hard(ctx context.Context, r system.Reader, plan *module.Plan, p string, f place.Found) error {
	src, err := place.Abs(r, a.Src)
	if err != nil {
		return fmt.Errorf("make hard link %s: src: %w", p, err)
	}
	other, err := r.Lstat(src)
	if err != nil {
		return fmt.Errorf("make hard link %s: %w", p, err)
	}
	same, err := a.sameFile(ctx, r, src, p, f)
	if err != nil || same {
		return err
	}
	argv := []string{"ln", "--", src, p}
	c := change.Change{Action: change.Create, Kind: "file", Target: p, After: change.Attrs("hard link to", src)}
	if f.There {
		c.Action, c.Before, argv = change.Update, change.Attrs("type", place.Kind(f.In.Type)), []string{"ln", "-f", "--", src, p}
	}
	e := system.Closed(system.Holds(p, system.Info{Type: other.Type, Attrs: other.Attrs}))
	plan.Add(c, func(ctx context.Context, s system.System) error { return s.Run(ctx, system.Command(argv...), e) })
	return nil
}

func (a *FileArgs) sameFile(ctx context.Context, r system.Reader, src, p string, f place.Found) (bool, error) {
	if !f.There {
		return false, place.Parent(r, p)
	}
	if f.In.Type == fs.ModeDir {
		return false, fmt.Errorf("make hard link %s: a directory is there", p)
	}
	c := system.Command("stat", "-c", "%d:%i", "--", src, p)
	c.Reads = []system.Key{system.Path(src), system.Path(p)}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return false, err
	}
	first, second, _ := strings.Cut(out.Text(), "\n")
	if first != second && !a.Force {
		return false, fmt.Errorf("make hard link %s: another file is there; force: true replaces it", p)
	}
	return first == second, nil
}
