package kernel

import (
	"context"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// HostnameArgs are the arguments of the hostname module.
type HostnameArgs struct {
	// Name is what the host is to be called.
	Name string `arg:"name,required" target:"hostname"`
	// Use is accepted for Ansible's sake: the kernel and /etc/hostname are set.
	Use string `arg:"use"`
}

// Hostname names the host.
var Hostname = module.Define(module.Spec{
	Name: "hostname", Summary: "Set the name of the host, now and after a restart",
	Example: "- hostname: {name: \"{{ .inventory_hostname }}\"}\n",
}, planHostname)

func planHostname(ctx context.Context, r system.Reader, a *HostnameArgs) (*module.Plan, error) {
	if err := hostname(a.Name); err != nil {
		return nil, err
	}
	now, err := system.Get[system.Hostname](ctx, r, "")
	if err != nil && !system.Absent(err) {
		return nil, err
	}
	p := &module.Plan{}
	if now.Kernel != a.Name {
		p.Add(change.Change{Action: change.Update, Kind: "hostname", Target: "kernel", Before: change.Attrs("name", now.Kernel), After: change.Attrs("name", a.Name)},
			func(ctx context.Context, s system.System) error {
				return s.Run(ctx, system.Command("sysctl", "-w", "kernel.hostname="+a.Name), system.Closed(
					system.Holds("", system.Hostname{Kernel: a.Name, Static: now.Static}), system.Vague(system.Named("sysctl", "kernel.hostname"))))
			})
	}
	if now.Static == a.Name {
		return p, nil
	}
	return p, replace(p, r, "/etc/hostname", a.Name+"\n")
}

// hostname is an error if name cannot be a host's.
func hostname(name string) error {
	if len(name) > 64 {
		return fmt.Errorf("the name has %d characters, Linux allows 64", len(name))
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || label[0] == '-' || strings.HasSuffix(label, "-") || strings.Trim(label, letters) != "" {
			return fmt.Errorf("%q is no host name: letters, digits and, between them, dashes and dots are", name)
		}
	}
	return nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
