// Package packages holds the modules that install software.
//
// They share one plan (request), over a table of what each package manager is
// told (tool). The package knows no repository and compares no versions: a
// package manager says which version it would install.
//
// # Decisions
//
// There is a step for each package, so that changes are counted and shown one by
// one, but a single command for all of them: the first step runs it and declares
// the effects of all, the others have nothing left to do. If it fails, none is
// counted, and package managers do then install none.
//
// Reading the lists of a package manager anew is a wait, not a change: it is done
// only if something is to be installed, and what it finds is a change of its own.
package packages

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{Apt, Package, PackageFacts} }

// unsure reports whether err means that nobody knows yet.
func unsure(err error) bool { return system.Absent(err) && !errors.Is(err, fs.ErrNotExist) }

// states are the words for a state and what they come to.
func settle(state string) string {
	if i := slices.Index([]string{"installed", "removed", "fixed"}, state); i >= 0 {
		return []string{"present", "absent", "present"}[i]
	}
	return state
}
