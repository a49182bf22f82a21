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

// ModprobeArgs are the arguments of the modprobe module.
type ModprobeArgs struct {
	// Name is the kernel module.
	Name string `arg:"name,required"`
	// State is whether it is to be loaded now.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// Params are given to it when it is loaded.
	Params string `arg:"params"`
	// Persistent is whether it is loaded at each start, by a file in
	// /etc/modules-load.d; disabled leaves that as it is.
	Persistent string `arg:"persistent" enum:"disabled|present|absent" default:"disabled"`
}

// Modprobe loads kernel modules.
var Modprobe = module.Define(module.Spec{
	Name: "modprobe", Summary: "Load a kernel module, now and at each start",
	Example: "- modprobe: {name: br_netfilter, persistent: present}\n",
}, planModprobe)

func planModprobe(ctx context.Context, r system.Reader, a *ModprobeArgs) (*module.Plan, error) {
	p, name := &module.Plan{}, strings.ReplaceAll(a.Name, "-", "_")
	if err := persist(p, r, a); err != nil {
		return nil, err
	}
	_, err := system.Get[system.KernelModule](ctx, r, name)
	absent := errors.Is(err, fs.ErrNotExist)
	if err != nil && !absent {
		return nil, err
	}
	switch {
	case a.State == "present" && absent:
		argv := append([]string{"modprobe", a.Name}, strings.Fields(a.Params)...)
		// Loading one brings its settings and whatever else it needs.
		e := system.Effects{Set: []system.Effect{system.Holds(name, system.KernelModule{})}}
		p.Add(change.Change{Action: change.Create, Kind: "kernel module", Target: a.Name, After: change.Attrs("params", a.Params)},
			func(ctx context.Context, s system.System) error { return s.Run(ctx, system.Cmd{Argv: argv}, e) })
	case a.State == "absent" && !absent:
		p.Add(change.Change{Action: change.Delete, Kind: "kernel module", Target: a.Name}, func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Command("modprobe", "-r", a.Name), system.Closed(system.Gone(system.Key{Kind: "kernel module", Name: name})))
		})
	}
	return p, nil
}

// persist plans the files that load the module at each start.
func persist(p *module.Plan, r system.Reader, a *ModprobeArgs) error {
	load, options := "/etc/modules-load.d/"+a.Name+".conf", "/etc/modprobe.d/"+a.Name+".conf"
	switch a.Persistent {
	case "present":
		if a.Params != "" {
			if err := rewrite(p, r, options, func(string) string { return "options " + a.Name + " " + a.Params + "\n" }); err != nil {
				return err
			}
		}
		return rewrite(p, r, load, func(string) string { return a.Name + "\n" })
	case "absent":
		if err := remove(p, r, options); err != nil {
			return err
		}
		return remove(p, r, load)
	}
	return nil
}
