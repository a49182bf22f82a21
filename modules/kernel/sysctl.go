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

// SysctlArgs are the arguments of the sysctl module.
type SysctlArgs struct {
	// Name is the setting, with dots or slashes.
	Name string `arg:"name,required,alias=key" target:"sysctl"`
	// Value is what it is to be.
	Value string `arg:"value,alias=val"`
	// State is whether the file is to have it.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// SysctlFile is the file that keeps it over a restart.
	SysctlFile string `arg:"sysctl_file" default:"/etc/sysctl.d/99-gokube.conf" target:"path"`
	// Reload sets the running kernel too.
	Reload bool `arg:"reload" default:"true"`
	// SysctlSet is accepted for Ansible's sake: reload does it.
	SysctlSet bool `arg:"sysctl_set"`
	// IgnoreErrors goes on if the kernel has no such setting.
	IgnoreErrors bool `arg:"ignoreerrors"`
}

// Sysctl sets a kernel setting, now and after a restart.
var Sysctl = module.Define(module.Spec{
	Name: "sysctl", Summary: "Set a kernel setting, now and after a restart", Contained: true,
	Example: "- sysctl: {name: net.ipv4.ip_forward, value: \"1\"}\n",
}, planSysctl)

func planSysctl(ctx context.Context, r system.Reader, a *SysctlArgs) (*module.Plan, error) {
	p, value := &module.Plan{}, strings.Join(strings.Fields(a.Value), " ")
	name, err := dotted(a.Name)
	switch {
	case err != nil:
		return nil, err
	case a.State == "absent":
		return p, rewrite(p, r, a.SysctlFile, func(old string) string { return withoutSetting(old, name) })
	case value == "":
		return nil, errors.New("sysctl " + name + ": a value is wanted for state present")
	}
	if a.Reload || a.SysctlSet {
		if err := live(ctx, r, p, name, value, a.IgnoreErrors); err != nil {
			return nil, err
		}
	}
	return p, rewrite(p, r, a.SysctlFile, func(old string) string { return withSetting(old, name, value) })
}

// live plans the running kernel's setting. One that nobody knows may have to be set.
func live(ctx context.Context, r system.Reader, p *module.Plan, name, value string, lenient bool) error {
	now, err := system.Get[system.Sysctl](ctx, r, name)
	if errors.Is(err, fs.ErrNotExist) {
		if lenient {
			p.Note = "the kernel has no " + name
			return nil
		}
		return errors.New("the kernel has no setting " + name + ", its module may have to be loaded first")
	}
	if err != nil && !system.Absent(err) || err == nil && now.Value == value {
		return err
	}
	c := change.Change{Action: change.Update, Kind: "sysctl", Target: name, After: change.Attrs("value", value)}
	if err == nil {
		c.Before = change.Attrs("value", now.Value)
	}
	p.Add(c, func(ctx context.Context, s system.System) error {
		return s.Run(ctx, system.Command("sysctl", "-w", name+"="+value), system.Closed(system.Holds(name, system.Sysctl{Value: value})))
	})
	return nil
}
