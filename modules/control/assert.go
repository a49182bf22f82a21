package control

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// AssertArgs are the arguments of the assert module.
type AssertArgs struct {
	// That is one condition, or a list of them, all of which must be true.
	That module.Conditions `arg:"that,required"`
	// FailMsg is what to say if one is not.
	FailMsg string `arg:"fail_msg,alias=msg"`
	// SuccessMsg is what to say if all are.
	SuccessMsg string `arg:"success_msg"`
	// Quiet leaves out the word for success.
	Quiet bool `arg:"quiet"`
}

// Assert fails unless conditions are true.
var Assert = module.Define(module.Spec{
	Name: "assert", Summary: "Fail unless conditions are true", Where: module.OnController, Contained: true,
	Example: "- assert:\n    that:\n      - ge .facts.memory.total_mb 1024\n      - eq .facts.init \"systemd\"\n    fail_msg: this host is too small\n",
	Output:  []module.Doc{{Name: "assertion", Text: "the condition that was false"}},
}, func(_ context.Context, _ system.Reader, a *AssertArgs) (*module.Plan, error) {
	for _, c := range a.That {
		if c.Holds {
			continue
		}
		p := &module.Plan{Output: map[string]any{"assertion": c.Text}}
		if a.FailMsg != "" {
			return p, fmt.Errorf("%s (%s is false)", a.FailMsg, c.Text)
		}
		return p, fmt.Errorf("%s is false", c.Text)
	}
	if a.Quiet || a.SuccessMsg == "" {
		return &module.Plan{}, nil
	}
	return &module.Plan{Output: map[string]any{"msg": a.SuccessMsg}}, nil
})
