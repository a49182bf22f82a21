package control

import (
	"context"
	"errors"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// FailArgs are the arguments of the fail module.
type FailArgs struct {
	// Msg says why.
	Msg string `arg:"msg" default:"failed as asked for by the task"`
}

// Fail fails.
var Fail = module.Define(module.Spec{
	Name: "fail", Summary: "Fail with a message", Where: module.OnController, Contained: true,
	Example: "- fail: {msg: \"this host has no network\"}\n  when: empty .facts.network.interfaces\n",
}, func(_ context.Context, _ system.Reader, a *FailArgs) (*module.Plan, error) {
	return nil, errors.New(a.Msg)
})
