package control

import (
	"context"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// MetaArgs are the arguments of the meta module.
type MetaArgs struct {
	// Action is what the engine is to do.
	Action string `arg:"action,required" enum:"flush_handlers|end_play|end_batch|end_host|clear_facts|clear_host_errors|reset_connection|noop"`
}

// Meta steers the engine.
var Meta = module.Define(module.Spec{
	Name: "meta", Summary: "Steer the play: flush handlers, end it, forget facts", Where: module.OnController, Contained: true, FreeForm: "action",
	Example: "- meta: flush_handlers\n",
}, func(_ context.Context, _ system.Reader, a *MetaArgs) (*module.Plan, error) {
	return &module.Plan{Output: map[string]any{"action": a.Action}}, nil
})
