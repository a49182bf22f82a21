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

// FileArgs are the arguments of the file module.
type FileArgs struct {
	// Path is the file, directory or link.
	Path string `arg:"path,required,alias=dest,alias=name" target:"path"`
	// State is what it is to be. Not given, it is what is there, a directory if
	// recurse is set; "file" must be there already; "touch" makes an empty file or
	// sets the times of what is there; "absent" removes it with all below it.
	State string `arg:"state" enum:"absent|directory|file|hard|link|touch"`
	// Src is what a link points to, as it is written into the link; for a hard link,
	// the other file.
	Src string `arg:"src"`
	// Recurse sets owner, group and mode of all that is in the directory too.
	Recurse bool `arg:"recurse"`
	// Follow changes what a link at the path leads to, instead of the link.
	Follow bool `arg:"follow" default:"true"`
	// Force makes a link to something that is not there, and lets it replace a file
	// or an empty directory.
	Force bool `arg:"force"`
	// ModificationTime is set to now by state "touch", unless it is "preserve".
	ModificationTime string `arg:"modification_time" default:"now" enum:"now|preserve"`
	// AccessTime is set to now by state "touch", unless it is "preserve".
	AccessTime string `arg:"access_time" default:"now" enum:"now|preserve"`
	place.FileAttrs
}

// File makes a path a file, directory or link with the given attributes, or
// nothing at all.
var File = module.Define(module.Spec{
	Name:      "file",
	Summary:   "Make and remove directories and links, set owner, group and mode",
	Contained: true,
	Example: `- name: make a directory with those that lead to it
  file:
    path: /srv/app/data
    state: directory
    owner: root
    mode: "0750"
- file:
    src: /etc/nginx/sites-available/app
    dest: /etc/nginx/sites-enabled/app
    state: link
- file: path=/etc/motd state=absent
`,
	Output: []module.Doc{{Name: "path", Text: "the path, links followed"}, {Name: "state", Text: "what is there afterwards"}},
}, planFile)

func planFile(ctx context.Context, r system.Reader, a *FileArgs) (*module.Plan, error) {
	p, err := place.AbsPath(r, a.Path)
	if err != nil {
		return nil, err
	}
	if a.Recurse && a.State == "" {
		a.State = "directory"
	}
	if a.Recurse && a.State != "directory" {
		return nil, fmt.Errorf("recurse is for directories only, not for state %q", a.State)
	}
	if a.Follow && !slices.Contains([]string{"link", "hard", "absent"}, a.State) {
		if p, err = place.Real(r, p); err != nil {
			return nil, err
		}
	}
	plan := &module.Plan{Output: map[string]any{"path": p, "dest": p, "state": a.State}}
	f, err := place.Look(r, p)
	if err != nil {
		return nil, err
	}
	return plan, a.plan(ctx, r, plan, p, f)
}

func (a *FileArgs) plan(ctx context.Context, r system.Reader, plan *module.Plan, p string, f place.Found) error {
	switch a.State {
	case "absent":
		return remove(plan, p, f)
	case "directory":
		return a.directory(r, plan, p, f)
	case "link":
		return a.link(r, plan, p, f)
	case "hard":
		return a.hard(ctx, r, plan, p, f)
	case "touch":
		return a.touch(r, plan, p, f)
	}
	return a.attributes(r, plan, p, f)
}

// attributes sets those of what is there.
func (a *FileArgs) attributes(r system.Reader, plan *module.Plan, p string, f place.Found) error {
	if f.Unsure {
		_, err := r.Lstat(p)
		return err
	}
	if !f.There {
		return fmt.Errorf("set attributes of %s: it is not there; state may be touch or directory to make it", p)
	}
	if a.State == "file" && f.In.Type == fs.ModeDir {
		return fmt.Errorf("set attributes of %s: it is a directory, not a file", p)
	}
	plan.Output["state"] = place.Kind(f.In.Type)
	return a.FileAttrs.Plan(r, plan, p, f)
}

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
