package kernel

import (
	"context"
	"errors"
	"io/fs"
	"strings"

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
	// fstab (ephemeral).
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
	p, keep, mounted := &module.Plan{}, a.State == "mounted" || a.State == "present", a.State == "mounted" || a.State == "ephemeral"
	if (keep || mounted) && (a.Src == "" || a.FSType == "") {
		return nil, errors.New("mount " + a.Path + ": src and fstype are wanted for state " + a.State)
	}
	if a.State != "unmounted" && a.State != "ephemeral" {
		if err := rewrite(p, r, a.Fstab, func(old string) string { return a.table(old, keep) }); err != nil {
			return nil, err
		}
	}
	now, err := system.Get[system.Mount](ctx, r, a.Path)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	switch {
	case mounted && !there:
		return p, a.mount(p, r)
	case !there || mounted || a.State == "present":
	default:
		p.Add(change.Change{Action: change.Delete, Kind: "mount", Target: a.Path, Before: change.Attrs("source", now.Source, "type", now.FSType)},
			func(ctx context.Context, s system.System) error {
				return s.Run(ctx, system.Command("umount", a.Path), system.Closed(system.Gone(a.key()), system.Vague(system.Path(a.Path+"/"))))
			})
	}
	return p, nil
}

func (a *MountArgs) key() system.Key { return system.Key{Kind: "mount", Name: a.Path} }

// mount plans the mount point, if there is none, and the mount.
func (a *MountArgs) mount(p *module.Plan, r system.Reader) error {
	if _, err := r.Lstat(a.Path); errors.Is(err, fs.ErrNotExist) {
		p.Add(change.Change{Action: change.Create, Kind: "directory", Target: a.Path, After: change.Attrs("mode", "0755")},
			func(_ context.Context, s system.System) error { return s.Mkdir(a.Path, system.Attrs{Mode: 0o755}) })
	} else if err != nil {
		return err
	}
	argv := []string{"mount", "-t", a.FSType, "-o", a.Opts, a.Src, a.Path}
	e := system.Closed(system.Vague(a.key()), system.Vague(system.Path(a.Path+"/")))
	p.Add(change.Change{Action: change.Create, Kind: "mount", Target: a.Path, After: change.Attrs("source", a.Src, "type", a.FSType, "options", a.Opts)},
		func(ctx context.Context, s system.System) error { return s.Run(ctx, system.Cmd{Argv: argv}, e) })
	return nil
}

// table is fstab(5) text with, or without, the line for the mount point.
func (a *MountArgs) table(old string, keep bool) string {
	escape := strings.NewReplacer(" ", `\040`, "\t", `\011`).Replace
	want := strings.Join([]string{escape(a.Src), escape(a.Path), a.FSType, a.Opts, a.Dump, a.Passno}, " ")
	var out []string
	done := !keep
	for _, l := range split(old) {
		f := strings.Fields(l)
		if len(f) < 2 || f[0][0] == '#' || f[1] != escape(a.Path) {
			out = append(out, l)
			continue
		}
		if !done {
			done = true
			if strings.Join(f, " ") != want {
				l = want
			}
			out = append(out, l)
		}
	}
	if !done {
		out = append(out, want)
	}
	return join(out)
}
