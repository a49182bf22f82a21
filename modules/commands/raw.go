package commands

import (
	"context"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// RawArgs are the arguments of the raw module.
type RawArgs struct {
	// Cmd is the command line for the login shell.
	Cmd string `arg:"cmd,required"`
	// Executable is a shell to run it with instead.
	Executable string `arg:"executable"`
}

// Raw runs a command line over SSH, without a runner on the host.
var Raw = module.Define(module.Spec{
	Name: "raw", Summary: "Run a command line without bringing anything to the host", Where: module.OnShell, FreeForm: "cmd",
	Example: "- raw: uname -a\n",
	Output:  outputs(),
}, planRaw)

func planRaw(_ context.Context, _ system.Reader, a *RawArgs) (*module.Plan, error) {
	c := system.Cmd{Argv: []string{"sh", "-c", a.Cmd}}
	if a.Executable != "" {
		c.Argv[0] = a.Executable
	}
	p := &module.Plan{Output: map[string]any{"cmd": a.Cmd}}
	await(p)
	p.Add(change.Change{Action: change.Run, Kind: "command", Target: a.Cmd}, func(ctx context.Context, s system.System) error {
		out, err := s.Capture(ctx, c, system.Effects{})
		if err != nil {
			return err
		}
		fill(p, out, true)
		return out.Err(c)
	})
	return p, nil
}
