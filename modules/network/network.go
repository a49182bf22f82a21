// Package network holds the modules for what a host hears and says over the
// network. It knows of the web only that it can be asked.
package network

import "github.com/gokube/gokube/engine/module"

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{Iptables, Reachable, URI, WaitFor} }
