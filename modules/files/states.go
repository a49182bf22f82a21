package files

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// remove plans that nothing is at p. What kind of thing is there does not matter,
// so that a removal that is only possible reads as the one that is done.
func remove(plan *module.Plan, p string, f place.Found) error {
	if p == "/" {
		return fmt.Errorf("remove /: that would be the whole host")
	}
	if !f.There && !f.Unsure {
		return nil
	}
	plan.Add(change.Change{Action: change.Delete, Kind: "path", Target: p}, func(_ context.Context, s system.System) error {
		return s.Remove(p)
	})
	return nil
}

// directory plans that p is a directory, and those that lead to it; all that are
// made get the attributes.
func (a *FileArgs) directory(r system.Reader, plan *module.Plan, p string, f place.Found) error {
	if f.There && f.In.Type != fs.ModeDir {
		return fmt.Errorf("make directory %s: a %s is there", p, place.Kind(f.In.Type))
	}
	if !f.There {
		return a.FileAttrs.MakeAll(r, plan, p)
	}
	if err := a.FileAttrs.Plan(r, plan, p, f); err != nil || !a.Recurse {
		return err
	}
	return a.below(r, plan, p)
}

// below plans the attributes of all that is in dir. Links are not followed.
func (a *FileArgs) below(r system.Reader, plan *module.Plan, dir string) error {
	ins, err := r.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, in := range ins {
		p := path.Join(dir, path.Base(in.Path))
		if err := a.FileAttrs.Plan(r, plan, p, place.Found{In: in, There: true}); err != nil {
			return err
		}
		if in.Type == fs.ModeDir {
			if err := a.below(r, plan, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch plans that something is at p and was used now.
func (a *FileArgs) touch(r system.Reader, plan *module.Plan, p string, f place.Found) error {
	if f.There {
		return a.touchAgain(r, plan, p, f)
	}
	if err := place.Parent(r, p); err != nil {
		return err
	}
	want, relative, err := a.FileAttrs.For(r, f, false)
	if err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: p, After: a.times(place.Asked(want, relative && f.Unsure))}
	plan.Add(c, func(_ context.Context, s system.System) error { return s.WriteFile(p, system.Data(nil), want) })
	return nil
}

func (a *FileArgs) touchAgain(r system.Reader, plan *module.Plan, p string, f place.Found) error {
	want, _, err := a.FileAttrs.For(r, f, f.In.Type == fs.ModeDir)
	times := a.changes()
	if err != nil || len(times) == 0 && want.Over(f.In.Attrs) == f.In.Attrs {
		return err
	}
	c := change.Change{Action: change.Update, Kind: "file", Target: p, Before: place.Had(f.In.Attrs, want), After: a.times(place.Asked(want, false))}
	plan.Add(c, func(ctx context.Context, s system.System) error {
		if want.Over(f.In.Attrs) != f.In.Attrs {
			if err := s.SetAttrs(p, want); err != nil {
				return err
			}
		}
		if len(times) == 0 {
			return nil
		}
		return s.Run(ctx, system.Command(slices.Concat([]string{"touch", "-c"}, times, []string{"--", p})...), system.Closed())
	})
	return nil
}

// changes are touch(1)'s options for the times that are to be now.
func (a *FileArgs) changes() (out []string) {
	if a.ModificationTime == "now" {
		out = append(out, "-m")
	}
	if a.AccessTime == "now" {
		out = append(out, "-a")
	}
	return out
}

// times says in v that times change.
func (a *FileArgs) times(v *change.Value) *change.Value {
	if len(a.changes()) > 0 {
		v.Attrs = append(v.Attrs, change.Attr{Name: "times", Value: change.Later})
	}
	return v
}
