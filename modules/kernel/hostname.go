package kernel

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// HostnameArgs are the arguments of the hostname module.
type HostnameArgs struct {
	// Name is what the host is to be called.
	Name string `arg:"name,required"`
	// Use is accepted for Ansible's sake: the kernel and /etc/hostname are set.
	Use string `arg:"use"`
}

// Hostname names the host.
var Hostname = module.Define(module.Spec{
	Name: "hostname", Summary: "Set the name of the host, now and after a restart",
	Example: "- hostname: {name: \"{{ .inventory_hostname }}\"}\n",
}, planHostname)

func planHostname(ctx context.Context, r system.Reader, a *HostnameArgs) (*module.Plan, error) {
	if len(a.Name) > 64 {
		return nil, fmt.Errorf("the name has %d characters, Linux allows 64", len(a.Name))
	}
	p := &module.Plan{}
	now, err := system.Get[system.Hostname](ctx, r, "")
	if err != nil {
		return nil, err
	}
	if now.Kernel != a.Name {
		p.Add(change.Change{Action: change.Update, Kind: "hostname", Target: "kernel", Before: change.Attrs("name", now.Kernel), After: change.Attrs("name", a.Name)},
			func(ctx context.Context, s system.System) error {
				return s.Run(ctx, system.Command("sysctl", "-w", "kernel.hostname="+a.Name),
					system.Closed(system.Holds("", system.Hostname{Kernel: a.Name, Static: now.Static})))
			})
	}
	if now.Static == a.Name {
		return p, nil
	}
	return p, rewrite(p, r, "/etc/hostname", func(string) string { return a.Name + "\n" })
}
