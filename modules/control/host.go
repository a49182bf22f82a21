package control

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// PingArgs are the arguments of the ping module.
type PingArgs struct {
	// Data is what the host answers; "crash" fails.
	Data string `arg:"data" default:"pong"`
}

// Ping answers from the host.
var Ping = module.Define(module.Spec{
	Name: "ping", Summary: "Answer from the host, to see that it can be worked with", Contained: true,
	Example: "- ping:\n",
	Output:  []module.Doc{{Name: "ping", Text: "the data that was given"}},
}, func(_ context.Context, _ system.Reader, a *PingArgs) (*module.Plan, error) {
	if a.Data == "crash" {
		return nil, errors.New("crash, as asked for")
	}
	return &module.Plan{Output: map[string]any{"ping": a.Data}}, nil
})

// SetupArgs are the arguments of the setup module.
type SetupArgs struct {
	// GatherSubset is accepted for Ansible's sake: all facts are gathered, in a few
	// milliseconds.
	GatherSubset []string `arg:"gather_subset"`
}

// Setup gathers facts.
var Setup = module.Define(module.Spec{
	Name: "setup", Summary: "Gather the facts of the host anew", Contained: true,
	Example: "- setup:\n",
	Output:  []module.Doc{{Name: "facts", Text: "the facts, as the variable facts has them"}},
}, func(_ context.Context, r system.Reader, _ *SetupArgs) (*module.Plan, error) {
	text, err := json.Marshal(r.Facts())
	if err != nil {
		return nil, err
	}
	facts := map[string]any{}
	if err := json.Unmarshal(text, &facts); err != nil {
		return nil, err
	}
	return &module.Plan{Output: map[string]any{"facts": facts}, Facts: true}, nil
})
