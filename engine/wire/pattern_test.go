package wire_test

import (
	"context"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/regex/compile"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/wire"
)

type finding struct {
	Regexp module.Pattern `arg:"regexp"`
}

func TestAPatternTravels(t *testing.T) {
	t.Parallel()
	p, err := compile.Pattern("m", "^(a|é)+$")
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.AppendValue(t.Context(), nil, map[string]any{"regexp": p}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := wire.DecodeValue(b, nil)
	args, _ := v.(map[string]any)
	if err != nil || args == nil {
		t.Fatalf("%v, %v", v, err)
	}
	found := module.Define(module.Spec{Name: "find"}, func(_ context.Context, _ system.Reader, a *finding) (*module.Plan, error) {
		return &module.Plan{Output: map[string]any{"found": a.Regexp.In("b\naé\n") && !a.Regexp.In("b\n")}}, nil
	})
	plan, err := found.Plan(t.Context(), systemtest.New(), args)
	if err != nil || plan.Output["found"] != true {
		t.Errorf("%+v, %v", plan, err)
	}
}
