package files

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

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
	p, err := place.Abs(r, a.Path)
	if err != nil {
		return nil, err
	}
	if p = strings.TrimSuffix(p, "/"); p == "" {
		p = "/"
	}
	if a.Recurse && a.State == "" {
		a.State = "directory"
	}
	if a.Recurse && a.State != "directory" {
		return nil, fmt.Errorf("recurse is for directories only, not for state %q", a.State)
	}
	if a.Follow && a.State != "link" && a.State != "hard" && a.State != "absent" {
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
