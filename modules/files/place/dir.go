package place

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// MakeAll adds the steps that make directory p, and each that leads to it and is
// missing, with these attributes. Links among the latter are followed.
func (a FileAttrs) MakeAll(r system.Reader, plan *module.Plan, p string) error {
	p, err := Real(r, p)
	if err != nil {
		return err
	}
	f, err := Look(r, p)
	if err != nil || f.There && f.In.Type == fs.ModeDir {
		return err
	}
	if f.There {
		return fmt.Errorf("make directory %s: a %s is there", p, Kind(f.In.Type))
	}
	if err := a.MakeAll(r, plan, path.Dir(p)); err != nil {
		return err
	}
	return a.Make(r, plan, p, f)
}

// Make adds the step that makes directory p, where f says that none is.
func (a FileAttrs) Make(r system.Reader, plan *module.Plan, p string, f Found) error {
	want, relative, err := a.For(r, f, true)
	if err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "directory", Target: p, After: Asked(want, relative && f.Unsure)}
	plan.Add(c, func(_ context.Context, s system.System) error { return s.Mkdir(p, want) })
	return nil
}
