package control

import (
	"context"
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
