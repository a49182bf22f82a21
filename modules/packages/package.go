package packages

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// PackageArgs are the arguments of the package module.
type PackageArgs struct {
	// Name is the package, or a list of them, each maybe with a version: name=1.2.
	Name []string `arg:"name,required,alias=pkg" target:"package"`
	// State is what is to become of them; latest is the newest version that can be
	// installed.
	State string `arg:"state" enum:"present|installed|absent|removed|latest" default:"present"`
	// Use is the package manager; auto is the host's own.
	Use string `arg:"use" enum:"auto|apt|dnf|yum|zypper|pacman|apk" default:"auto"`
	Options
}

// Package installs packages with the host's package manager.
var Package = module.Define(module.Spec{
	Name: "package", Summary: "Install or remove packages with the host's package manager",
	Example: "- package:\n    name: [chrony, conntrack]\n    brings: [/etc/chrony/, chrony.service]\n- package: {name: containerd=1.7.24, update_cache: true}\n- package: {name: snapd, state: absent}\n",
	Output:  outputs(),
}, func(ctx context.Context, r system.Reader, a *PackageArgs) (*module.Plan, error) {
	use := a.Use
	if use == "auto" {
		use = r.Facts().PackageManager
	}
	q, err := newRequest(a.Options, find(use), a.State, a.Name)
	if err != nil {
		return nil, err
	}
	if len(a.Name) == 0 {
		return &module.Plan{Note: "no package is named"}, nil
	}
	return q.plan(ctx, r)
})

func outputs() []module.Doc {
	return []module.Doc{{Name: "cache_updated", Text: "whether the lists of packages were read anew"}}
}

// find is the package manager called name; one that can do nothing is named only.
func find(name string) tool {
	if name == "apt" {
		a := AptArgs{LockTimeout: lockTimeout}
		return a.tool()
	}
	for _, t := range tools() {
		if t.name == name {
			t.patience = lockTimeout
			return t
		}
	}
	return tool{name: name}
}

const lockTimeout = 120

func seconds(n int) string { return fmt.Sprint(max(n, 0)) }
