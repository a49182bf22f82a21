package control

import (
	"context"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

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
	var facts any
	if err := json.Unmarshal(text, &facts); err != nil {
		return nil, err
	}
	return &module.Plan{Output: map[string]any{"facts": facts}, Facts: true}, nil
})
