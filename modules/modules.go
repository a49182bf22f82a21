// Package modules is the list of built-in modules. It knows none of them beyond
// its family's list.
package modules

import (
	"slices"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/accounts"
	"github.com/gokube/gokube/modules/commands"
	"github.com/gokube/gokube/modules/control"
	"github.com/gokube/gokube/modules/crypto"
	"github.com/gokube/gokube/modules/files"
	"github.com/gokube/gokube/modules/kernel"
	"github.com/gokube/gokube/modules/kube"
	"github.com/gokube/gokube/modules/network"
	"github.com/gokube/gokube/modules/packages"
	"github.com/gokube/gokube/modules/services"
)

// All returns every built-in module, sorted by name.
func All() []module.Module {
	all := slices.Concat(
		accounts.Modules(),
		commands.Modules(),
		control.Modules(),
		crypto.Modules(),
		files.Modules(),
		kernel.Modules(),
		kube.All(),
		network.Modules(),
		packages.Modules(),
		services.Modules(),
	)
	names, named := make([]string, 0, len(all)), make(map[string]module.Module, len(all))
	for _, m := range all {
		names = append(names, m.Spec().Name)
		named[m.Spec().Name] = m
	}
	slices.Sort(names)
	for i, name := range names {
		all[i] = named[name]
	}
	return all
}
