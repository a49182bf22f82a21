// Package files holds the modules that make files, directories and links what
// they should be, and those that only look at them. What they share lies in
// package place; the formats of archives lie in package archive; the modules that
// edit text lie in package edit.
package files

import (
	"slices"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/files/bring"
	"github.com/gokube/gokube/modules/files/edit"
	"github.com/gokube/gokube/modules/files/search"
)

// Modules are the family's modules.
func Modules() []module.Module {
	return slices.Concat([]module.Module{Copy, bring.Fetch, File, search.Find, GetURL, Slurp, Stat, Template, Unarchive}, edit.Modules())
}
