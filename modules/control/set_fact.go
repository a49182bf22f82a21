package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// SetFactArgs are the arguments of the set_fact module.
type SetFactArgs struct {
	// Cacheable is accepted and has no effect: nothing is cached between runs.
	Cacheable bool `arg:"cacheable"`
	// Facts are the variables, each an argument.
	Facts map[string]any `arg:"*"`
}

// SetFact sets variables of the host for the rest of the run.
var SetFact = module.Define(module.Spec{
	Name: "set_fact", Summary: "Set variables of the host for the rest of the run", Where: module.OnController, Contained: true,
	Example: "- set_fact:\n    api_port: 6443\n    first: \"{{ index .groups.kube_control_plane 0 }}\"\n",
	Output:  []module.Doc{{Name: "ansible_facts", Text: "the variables that were set"}},
}, func(_ context.Context, _ system.Reader, a *SetFactArgs) (*module.Plan, error) {
	if len(a.Facts) == 0 {
		return nil, errors.New("there is no variable to set")
	}
	for _, name := range slices.Sorted(maps.Keys(a.Facts)) {
		if !identifier(name) {
			return nil, fmt.Errorf("%q is no name for a variable: letters, digits and underscores are", name)
		}
	}
	return &module.Plan{Output: map[string]any{"ansible_facts": a.Facts}}, nil
})

// identifier reports whether a template can name a variable called s.
func identifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}
