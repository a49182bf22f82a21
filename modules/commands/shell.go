package commands

import (
	"context"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// ShellArgs are the arguments of the shell module.
type ShellArgs struct {
	// Cmd is the command line.
	Cmd string `arg:"cmd,required"`
	// Executable is the shell.
	Executable string `arg:"executable" default:"/bin/sh"`
	Options
}

// Shell runs a command line in a shell.
var Shell = module.Define(module.Spec{
	Name: "shell", Summary: "Run a command line in a shell", FreeForm: "cmd",
	Example: "- shell: {cmd: \"ss -tln | grep -c :6443\", read_only: true}\n  register: listening\n",
	Output:  outputs(),
}, func(ctx context.Context, r system.Reader, a *ShellArgs) (*module.Plan, error) {
	return a.plan(ctx, r, system.Cmd{Argv: []string{a.Executable, "-c", a.Cmd}})
})
