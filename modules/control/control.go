// Package control holds the modules that look at variables and steer a play; most
// of them run on the controller. It knows nothing of plays: what meta and set_fact
// ask for, the engine does.
package control

import "github.com/gokube/gokube/engine/module"

// Modules are the modules of this family.
func Modules() []module.Module {
	return []module.Module{Assert, Clock, Debug, Fail, Meta, Ping, SetFact, Setup, WaitForConnection}
}
