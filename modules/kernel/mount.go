package kernel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// MountArgs are the arguments of the mount module.
type MountArgs struct {
	// Path is where it is mounted.
	Path string `arg:"path,required,alias=name" target:"mount"`
	// Src is what is mounted.
	Src string `arg:"src"`
	// FSType is the type of the file system.
	FSType string `arg:"fstype"`
	// Opts are the options, with commas.
	Opts string `arg:"opts" default:"defaults"`
	// Dump is fstab's fifth field.
	Dump string `arg:"dump" default:"0"`
	// Passno is fstab's sixth field.
	Passno string `arg:"passno" default:"0"`
	// State is what is to be: mounted and in fstab, in fstab only (present), not
	// mounted but left in fstab (unmounted), neither (absent), or mounted but not in
	// fstab (ephemeral). What is mounted there already stays as it is.
	State string `arg:"state,required" enum:"mounted|present|unmounted|absent|ephemeral"`
	// Fstab is the table to keep.
	Fstab string `arg:"fstab" default:"/etc/fstab" target:"path"`
}

// Mount mounts file systems.
var Mount = module.Define(module.Spec{
	Name: "mount", Summary: "Mount a file system, now and at each start",
	Example: "- mount: {path: /var/lib/etcd, src: /dev/vdb1, fstype: ext4, state: mounted}\n",
}, planMount)

func planMount(ctx context.Context, r system.Reader, a *MountArgs) (*module.Plan, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	p := &module.Plan{}
	if err := a.live(ctx, p, r); err != nil {
		return nil, err
	}
	switch a.State {
	case "mounted", "present":
		e := entry{a.Src, a.Path, a.FSType, a.Opts, a.Dump, a.Passno}
		return p, rewrite(p, r, a.Fstab, func(old string) string { return withEntry(old, e) })
	case "absent":
		return p, rewrite(p, r, a.Fstab, func(old string) string { return withoutEntry(old, a.Path) })
	}
	return p, nil
}

// check finds arguments that do not go together or that fstab(5) cannot hold.
func (a *MountArgs) check() error {
	if !path.IsAbs(a.Path) {
		return fmt.Errorf("mount %q: an absolute path is wanted; for swap areas see the module swap", a.Path)
	}
	if strings.ContainsFunc(a.Path+a.Src, unicode.IsControl) {
		return fmt.Errorf("mount %q on %q: there is a control character in it", a.Src, a.Path)
	}
	a.Path = path.Clean(a.Path)
	if a.State == "unmounted" || a.State == "absent" {
		return nil
	}
	if a.Src == "" || a.FSType == "" {
		return fmt.Errorf("mount %s: src and fstype are wanted for state %s", a.Path, a.State)
	}
	for name, v := range map[string]string{"fstype": a.FSType, "opts": a.Opts, "dump": a.Dump, "passno": a.Passno} {
		if v == "" || strings.ContainsFunc(v, odd) {
			return fmt.Errorf("mount %s: %s %q is empty or has blanks", a.Path, name, v)
		}
	}
	return nil
}

// live plans what is mounted now.
func (a *MountArgs) live(ctx context.Context, p *module.Plan, r system.Reader) error {
	if a.State == "present" {
		return nil
	}
	now, err := system.Get[system.Mount](ctx, r, a.Path)
	there := err == nil
	wanted := a.State == "mounted" || a.State == "ephemeral"
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !(wanted && system.Absent(err)) {
		return err
	}
	switch {
	case wanted && !there:
		return a.mount(p, r)
	case !wanted && there:
		p.Add(change.Change{Action: change.Delete, Kind: "mount", Target: a.Path, Before: change.Attrs("source", now.Source, "type", now.FSType)},
			func(ctx context.Context, s system.System) error {
				return s.Run(ctx, system.Command("umount", a.Path), system.Closed(system.Gone(a.key()), a.below()))
			})
	}
	return nil
}

func (a *MountArgs) key() system.Key { return system.Key{Kind: "mount", Name: a.Path} }

// below is what a mount hides or shows.
func (a *MountArgs) below() system.Effect { return system.Vague(system.Path(a.Path + "/")) }

// mount plans the mount point, if there is none, and the mount.
func (a *MountArgs) mount(p *module.Plan, r system.Reader) error {
	if err := directory(p, r, a.Path); err != nil {
		return err
	}
	argv := []string{"mount", "-t", a.FSType, "-o", a.Opts, "--", a.Src, a.Path}
	p.Add(change.Change{Action: change.Create, Kind: "mount", Target: a.Path, After: change.Attrs("source", a.Src, "type", a.FSType, "options", a.Opts)},
		func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Cmd{Argv: argv}, system.Closed(a.below(), system.Holds(a.Path, system.Mount{})))
		})
	return nil
}
