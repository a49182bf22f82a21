package kernel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// ModprobeArgs are the arguments of the modprobe module.
type ModprobeArgs struct {
	// Name is the kernel module.
	Name string `arg:"name,required" target:"kernel module"`
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
	if err := a.check(); err != nil {
		return nil, err
	}
	p := &module.Plan{}
	now, err := system.Get[system.KernelModule](ctx, r, a.key().Name)
	switch there := err == nil; {
	case a.State == "present" && !there && system.Absent(err):
		a.load(p)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case a.State == "absent" && there && now.BuiltIn:
		return nil, fmt.Errorf("kernel module %s is built in and cannot be unloaded", a.Name)
	case a.State == "absent" && there:
		a.unload(p)
	}
	return p, a.persist(p, r)
}

func (a *ModprobeArgs) check() error {
	if a.Name == "" || strings.ContainsAny(a.Name, "/ \t\r\n#") || a.Name[0] == '-' || a.Name[0] == '.' {
		return fmt.Errorf("%q is no name of a kernel module", a.Name)
	}
	if strings.ContainsAny(a.Params, "\r\n") {
		return fmt.Errorf("the parameters of %s are on several lines", a.Name)
	}
	return nil
}

func (a *ModprobeArgs) key() system.Key { return system.Named("kernel module", a.Name) }

// places are where the kernel shows what a module has brought. Settings and other
// modules that come and go with it are known to follow.
func places() (out []system.Effect) {
	for _, p := range []string{"/dev/", "/proc/filesystems", "/proc/modules", "/proc/sys/", "/sys/class/", "/sys/module/"} {
		out = append(out, system.Vague(system.Path(p)))
	}
	return out
}

func (a *ModprobeArgs) load(p *module.Plan) {
	argv := append([]string{"modprobe", a.Name}, strings.Fields(a.Params)...)
	e := system.Closed(append(places(), system.Holds(a.key().Name, system.KernelModule{}))...)
	p.Add(change.Change{Action: change.Create, Kind: "kernel module", Target: a.Name, After: change.Attrs("params", a.Params)},
		func(ctx context.Context, s system.System) error { return s.Run(ctx, system.Cmd{Argv: argv}, e) })
}

func (a *ModprobeArgs) unload(p *module.Plan) {
	e := system.Closed(append(places(), system.Gone(a.key()))...)
	p.Add(change.Change{Action: change.Delete, Kind: "kernel module", Target: a.Name},
		func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Command("modprobe", "-r", a.Name), e)
		})
}

// persist plans the files that load the module at each start.
func (a *ModprobeArgs) persist(p *module.Plan, r system.Reader) error {
	load, options := "/etc/modules-load.d/"+a.Name+".conf", "/etc/modprobe.d/"+a.Name+".conf"
	switch a.Persistent {
	case "present":
		if a.Params != "" {
			if err := replace(p, r, options, "options "+a.Name+" "+a.Params+"\n"); err != nil {
				return err
			}
		}
		return replace(p, r, load, a.Name+"\n")
	case "absent":
		if err := remove(p, r, options); err != nil {
			return err
		}
		return remove(p, r, load)
	}
	return nil
}
