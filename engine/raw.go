package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// send has the target do the request: in its runner, or for a module that needs
// none over the bare connection. A check predicts raw commands in the runner, where
// the overlay is.
func (a *attempt) send(to fleet.Target, req *wire.Request) *wire.Result {
	if a.Spec.Where != module.OnShell || a.Check {
		return a.Fleet.Do(a.ctx, to, req)
	}
	shell, werr := a.Fleet.Shell(a.ctx, to)
	if werr != nil {
		return &wire.Result{Err: werr}
	}
	plan, err := a.modules[a.Module].Plan(a.ctx, shell, req.Args)
	if err != nil {
		return &wire.Result{Err: &wire.Error{Kind: wire.BadArgs, Text: err.Error()}}
	}
	r := &wire.Result{Changes: plan.Changes(), Output: plan.Output}
	var exit *system.ExitError
	if r.Done, err = plan.Apply(a.ctx, became{shell, to.Become}); errors.As(err, &exit) {
		r.Err = &wire.Error{Kind: wire.Command, Text: err.Error(), Stdout: string(exit.Output.Stdout), Stderr: string(exit.Output.Stderr), Code: exit.Output.Code}
	} else if err != nil {
		r.Err = &wire.Error{Kind: wire.Lost, Text: err.Error()}
	}
	return r
}

// became is a shell that runs commands as another user, without a password.
type became struct {
	system.System
	as wire.Become
}

// Capture runs c through the become method.
func (b became) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	exe := b.as.Exe
	if exe == "" {
		exe = b.as.Method
	}
	switch b.as.Method {
	case "sudo", "doas":
		c.Argv = slices.Concat([]string{exe, "-n"}, strings.Fields(b.as.Flags), []string{"-u", b.as.User}, c.Argv)
	case "su":
		c.Argv = []string{exe, b.as.User, "-c", c.String()}
	}
	return b.System.Capture(ctx, c, e)
}
