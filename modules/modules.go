// Package modules is the list of built-in modules. It knows none of them beyond
// the lists of their families.
package modules

import (
	"slices"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/general"
	"github.com/gokube/gokube/modules/kube"
)

// All returns every built-in module, sorted by name.
func All() []module.Module {
	all := append(general.All(), kube.All()...)
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
