package control

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

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
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&facts); err != nil {
		return nil, err
	}
	return &module.Plan{Output: map[string]any{"facts": numbers(facts)}, Facts: true}, nil
})

// numbers is v with every JSON number as the int or float64 that it is, so that
// templates can compare it with theirs.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64() // it is what a float64 was encoded as
		return f
	}
	return v
}
