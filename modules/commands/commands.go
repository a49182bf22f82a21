// Package commands holds the modules that run what cannot be predicted: a command,
// a line of shell, a line over a bare connection. It knows no command by name.
//
// # Decisions
//
// A command is one opaque step. What it would bring about is known only as far as
// the task says so: creates and removes, read_only, contained.
package commands

import "github.com/gokube/gokube/engine/module"

// Modules are the modules of this family.
func Modules() []module.Module { return []module.Module{Command, Raw, Shell} }
