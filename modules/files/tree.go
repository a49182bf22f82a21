package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// tree plans the copy of a directory.
func (a *CopyArgs) tree(ctx context.Context, r system.Reader, p *module.Plan, dest string) error {
	root := path.Clean(dest)
	if !strings.HasSuffix(a.Src.Name, "/") {
		root = path.Join(root, path.Base(a.Src.Name))
	}
	p.Output["dest"] = root
	if err := a.directories().MakeAll(r, p, root); err != nil {
		return err
	}
	made := map[string]bool{root: len(p.Steps) > 0}
	for _, e := range a.Src.Entries {
		at := path.Join(root, e.Path)
		if at != root && !strings.HasPrefix(at, strings.TrimSuffix(root, "/")+"/") {
			return fmt.Errorf("copy %s: %s leads out of it", a.Src.Name, e.Path)
		}
		if err := a.entry(ctx, r, p, at, e, made); err != nil {
			return err
		}
	}
	return nil
}

// entry plans one path of a tree; made holds the directories that the plan makes.
func (a *CopyArgs) entry(ctx context.Context, r system.Reader, p *module.Plan, at string, e module.Entry, made map[string]bool) error {
	switch {
	case e.Path == ".":
		return nil
	case e.Type == fs.ModeDir:
		before := len(p.Steps)
		err := a.subdirectory(r, p, at)
		made[at] = len(p.Steps) > before
		return err
	case e.Type == fs.ModeSymlink:
		return copyLink(r, p, at, e.Target)
	}
	f := place.File{Path: at, Content: e.Content, Attrs: a.FileAttrs, Keep: !a.Force, InNew: made[path.Dir(at)], Safety: a.Safety, Brief: a.From != ""}
	f.Attrs.Mode = a.modeOf(e)
	_, err := f.Plan(ctx, r, p)
	return err
}

// subdirectory plans a directory whose parent is there or planned already.
func (a *CopyArgs) subdirectory(r system.Reader, p *module.Plan, at string) error {
	real, err := place.Real(r, at)
	if err != nil {
		return err
	}
	f, err := place.Look(r, real)
	switch {
	case err != nil || f.There && f.In.Type == fs.ModeDir:
		return err
	case f.There:
		return fmt.Errorf("make directory %s: a %s is there", at, place.Kind(f.In.Type))
	}
	return a.directories().Make(r, p, at, f)
}

func copyLink(r system.Reader, p *module.Plan, at, target string) error {
	f, err := place.Look(r, at)
	if err != nil || f.In.Type == fs.ModeSymlink && f.In.Target == target {
		return err
	}
	if f.In.Type == fs.ModeDir {
		return fmt.Errorf("make link %s: a directory is there", at)
	}
	c := change.Change{Action: change.Create, Kind: "link", Target: at, After: linked(target, system.Attrs{})}
	if f.There {
		c.Action, c.Before = change.Update, change.Attrs("type", place.Kind(f.In.Type), "to", f.In.Target)
	}
	p.Add(c, func(_ context.Context, s system.System) error { return makeLink(s, at, target, system.Attrs{}, f) })
	return nil
}

// onHost is a file or directory of the host as a Source.
func onHost(ctx context.Context, r system.Reader, name string) (module.Source, error) {
	src := module.Source{Name: name}
	p, err := place.Abs(r, name)
	if err != nil {
		return src, fmt.Errorf("src: %w", err)
	}
	real, err := place.Real(r, p)
	if err != nil {
		return src, err
	}
	in, err := r.Lstat(real)
	if err == nil {
		err = gather(ctx, r, &src, in, real, ".")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return src, fmt.Errorf("copy %s: it is not on the host: %w", name, err)
	}
	return src, err
}

// gather adds what is at p, and all below it, to src as rel.
func gather(ctx context.Context, r system.Reader, src *module.Source, in system.Info, p, rel string) error {
	e := module.Entry{Path: rel, Type: in.Type, Mode: in.Attrs.Mode, Target: in.Target}
	switch in.Type {
	case 0:
		sum, err := r.Digest(p)
		if err != nil {
			return err
		}
		if e.Content, err = place.Now(ctx, r, p, in.Size, sum); err != nil {
			return err
		}
	case fs.ModeDir, fs.ModeSymlink:
	default:
		return fmt.Errorf("copy %s: it is a %s", p, place.Kind(in.Type))
	}
	src.Entries = append(src.Entries, e)
	if in.Type != fs.ModeDir {
		return nil
	}
	ins, err := r.ReadDir(p)
	if err != nil {
		return err
	}
	for _, in := range ins {
		name := path.Base(in.Path)
		if err := gather(ctx, r, src, in, path.Join(p, name), path.Join(rel, name)); err != nil {
			return err
		}
	}
	return nil
}
