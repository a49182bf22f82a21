package control

import (
	"context"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// ClockArgs are the arguments of the clock module: none.
type ClockArgs struct{}

// Clock tells the host's time.
var Clock = module.Define(module.Spec{
	Name: "clock", Summary: "Tell what time it is on the host", Contained: true,
	Example: "- clock:\n  register: clock\n",
	Output:  []module.Doc{{Name: "epoch", Text: "whole seconds since 1970"}},
}, func(context.Context, system.Reader, *ClockArgs) (*module.Plan, error) {
	return &module.Plan{Output: map[string]any{"epoch": int(time.Now().Unix())}}, nil
})
