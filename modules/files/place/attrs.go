package place

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// FileAttrs are the arguments of every module that makes files. What is not given
// is left as it is; what is made gets mode 0644, a directory 0755.
type FileAttrs struct {
	// Owner is the user who is to own the file, by name or number.
	Owner string `arg:"owner"`
	// Group is the group that is to own the file, by name or number.
	Group string `arg:"group"`
	// Mode is the permissions: octal like "0644", or symbolic like "u=rw,g=r,o=".
	Mode module.Mode `arg:"mode"`
}

// For is what a asks for, by name, where f is or will be a directory or not.
// relative says that its mode depends on the one that is there.
func (a FileAttrs) For(r system.Reader, f Found, dir bool) (want system.Attrs, relative bool, err error) {
	want = system.Attrs{Owner: a.Owner, Group: a.Group}.Named(r)
	if a.Mode == "" {
		return want, false, nil
	}
	old := f.In.Attrs.Mode
	if !f.There || f.In.Type == fs.ModeSymlink {
		if old = 0o644; dir {
			old = 0o755
		}
	}
	if want.Mode, err = a.Mode.On(old, dir); err != nil {
		return want, false, err
	}
	if want.Mode == 0 {
		return want, false, fmt.Errorf("mode %q leaves no permission at all, which gokube cannot set; use a bit of it, such as \"0400\"", string(a.Mode))
	}
	none, _ := a.Mode.On(0, dir)
	all, _ := a.Mode.On(0o777|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky, dir)
	return want, none != all, nil
}

// Asked is a Value of the attributes that want sets; later says that the mode is
// known after apply.
func Asked(want system.Attrs, later bool) *change.Value {
	mode := ""
	if want.Mode != 0 {
		mode = module.Octal(want.Mode)
	}
	if later {
		mode = change.Later
	}
	return change.Attrs("owner", want.Owner, "group", want.Group, "mode", mode)
}

// Had is a Value of what old says of the attributes that want sets.
func Had(old, want system.Attrs) *change.Value {
	var had system.Attrs
	if want.Owner != "" {
		had.Owner = old.Owner
	}
	if want.Group != "" {
		had.Group = old.Group
	}
	if want.Mode != 0 {
		had.Mode = old.Mode
	}
	v := Asked(had, false)
	if want.Mode != 0 && had.Mode == 0 {
		v.Attrs = append(v.Attrs, change.Attr{Name: "mode", Value: "0000"})
	}
	return v
}

// Plan adds the step that gives what is at p, as f says, these attributes; none
// if it has them. Of a link, only the owner and the group.
func (a FileAttrs) Plan(r system.Reader, plan *module.Plan, p string, f Found) error {
	want, _, err := a.For(r, f, f.In.Type == fs.ModeDir)
	if f.In.Type == fs.ModeSymlink {
		want.Mode = 0
	}
	if err != nil || want.Over(f.In.Attrs) == f.In.Attrs {
		return err
	}
	c := change.Change{Action: change.Update, Kind: Kind(f.In.Type), Target: p, Before: Had(f.In.Attrs, want), After: Asked(want, false)}
	plan.Add(c, func(_ context.Context, s system.System) error { return s.SetAttrs(p, want) })
	return nil
}

// Kind is what a change calls a path of type t.
func Kind(t fs.FileMode) string {
	switch t {
	case fs.ModeDir:
		return "directory"
	case fs.ModeSymlink:
		return "link"
	case 0:
		return "file"
	}
	return "special file"
}
