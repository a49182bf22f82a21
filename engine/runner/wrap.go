package runner

import (
	"context"
	"slices"

	"github.com/gokube/gokube/engine/system"
)

// withEnv is s with env for every command; a command's own settings win.
func withEnv(s system.System, env []string) system.System {
	if len(env) == 0 {
		return s
	}
	return &environment{s, env}
}

type environment struct {
	system.System
	env []string
}

func (e *environment) with(c system.Cmd) system.Cmd {
	c.Env = append(slices.Clip(e.env), c.Env...)
	return c
}

// Query runs c with the environment.
func (e *environment) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	return e.System.Query(ctx, e.with(c))
}

// Run runs c with the environment.
func (e *environment) Run(ctx context.Context, c system.Cmd, x system.Effects) error {
	return e.System.Run(ctx, e.with(c), x)
}

// Capture runs c with the environment.
func (e *environment) Capture(ctx context.Context, c system.Cmd, x system.Effects) (system.Output, error) {
	return e.System.Capture(ctx, e.with(c), x)
}

// verifier asks after each command for what it was declared to bring about.
type verifier struct {
	system.System
	broken error // the first that did not come true
}

// Run runs c and verifies x.
func (v *verifier) Run(ctx context.Context, c system.Cmd, x system.Effects) error {
	err := v.System.Run(ctx, c, x)
	if err == nil {
		v.ask(ctx, x)
	}
	return err
}

// Capture runs c and, if it succeeded, verifies x.
func (v *verifier) Capture(ctx context.Context, c system.Cmd, x system.Effects) (system.Output, error) {
	out, err := v.System.Capture(ctx, c, x)
	if err == nil && out.Code == 0 {
		v.ask(ctx, x)
	}
	return out, err
}

func (v *verifier) ask(ctx context.Context, x system.Effects) {
	if v.broken == nil {
		v.broken = x.Verify(ctx, v.System)
	}
}
