package control

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// DebugArgs are the arguments of the debug module.
type DebugArgs struct {
	// Msg is what to show.
	Msg any `arg:"msg"`
	// Var is the name of a variable, with or without its dot, or an expression, whose
	// value is shown.
	Var module.Expression `arg:"var"`
}

// Debug shows a message or a variable.
var Debug = module.Define(module.Spec{
	Name: "debug", Summary: "Show a message or the value of a variable", Where: module.OnController, Contained: true,
	Exclusive: [][]string{{"msg", "var"}},
	Example:   "- debug: {msg: \"this is {{ .inventory_hostname }}\"}\n- debug: {var: facts.os}\n",
	Output:    []module.Doc{{Name: "msg", Text: "what was shown"}, {Name: "value", Text: "the value, of var"}},
}, func(_ context.Context, _ system.Reader, a *DebugArgs) (*module.Plan, error) {
	switch {
	case a.Var.Text != "":
		return &module.Plan{Output: map[string]any{"msg": a.Var.Text + ": " + show(a.Var.Value), "value": a.Var.Value}}, nil
	case a.Msg == nil:
		return &module.Plan{Output: map[string]any{"msg": "Hello world!"}}, nil
	}
	return &module.Plan{Output: map[string]any{"msg": show(a.Msg)}}, nil
})

// show is x as people read it: a text as it is, all else as JSON.
func show(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case fmt.Stringer:
		return x.String()
	case error:
		return "(" + x.Error() + ")"
	}
	text, err := json.MarshalIndent(x, "  ")
	if err != nil {
		return fmt.Sprint(x)
	}
	return string(text)
}
