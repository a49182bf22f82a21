// Package kernel holds the modules for what the kernel of a host is told:
// settings, modules, mounts, swap, its name, and to start again. It knows no
// distribution: the files that bring all that back at each start are the same.
//
// # Decisions
//
// What is so now comes before what is so at each start: if the kernel refuses, no
// file is left behind that would have it refuse again.
package kernel

import "github.com/gokube/gokube/engine/module"

// Modules are the modules of this family.
func Modules() []module.Module {
	return []module.Module{Hostname, Modprobe, Mount, Reboot, Swap, Sysctl}
}
