package module

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

func TestSchemaIsWhatTheStructSays(t *testing.T) {
	t.Parallel()
	s := schemaOf(reflect.TypeFor[everything]())
	types := map[string]Type{"name": String, "state": String, "force": Bool, "count": Int, "ratio": Float, "items": List, "ports": List, "env": Dict, "keys": Dict,
		"any": Any, "text": String, "pass": Masked, "maybe": Bool, "mode": ModeBits}
	if len(s.Names()) != len(types) || s.Open() {
		t.Errorf("names: %v", s.Names())
	}
	for name, want := range types {
		if f := s.Field(name); f == nil || f.Type != want {
			t.Errorf("%s: %+v, want %s", name, f, want)
		}
	}
	name, state, mode := s.Field("dest"), s.Field("state"), s.Field("mode")
	if !name.Required || name.Name != "name" || name.Target != "path" || state.Default != "present" || len(state.Enum) != 2 || mode.Owner.Name() != "inner" || mode.GoName != "Mode" {
		t.Errorf("%+v\n%+v\n%+v", name, state, mode)
	}
	if s.Field("nope") != nil {
		t.Error("found an argument that is none")
	}
}

func TestTargetsAreWhatArgumentsName(t *testing.T) {
	t.Parallel()
	s := schemaOf(reflect.TypeFor[everything]())
	vague := unknown.Value{Why: "a command"}
	for name, x := range map[string]struct {
		args Args
		want []system.Key
		all  bool
	}{
		"known":             {Args{"name": "/a", "ports": []any{"1", "2"}, "state": vague}, []system.Key{system.Path("/a"), {Kind: "port", Name: "1"}, {Kind: "port", Name: "2"}}, true},
		"by alias":          {Args{"dest": "/a"}, []system.Key{system.Path("/a")}, true},
		"unknown":           {Args{"name": vague}, nil, false},
		"unknown in a list": {Args{"name": "/a", "ports": []any{vague}}, []system.Key{system.Path("/a")}, false},
		"below the home":    {Args{"name": "~/a"}, []system.Key{system.Path("~/a")}, false},
		"not given":         {Args{}, nil, true},
	} {
		got, all := s.Targets(x.args)
		if diff := cmp.Diff(x.want, got); diff != "" || all != x.all {
			t.Errorf("%s: all %v\n%s", name, all, diff)
		}
	}
}

func TestAFieldWithoutATagIsFound(t *testing.T) {
	t.Parallel()
	for name, define := range map[string]func(){
		"no tag": func() { schemaOf(reflect.TypeFor[struct{ Name string }]()).Fields() },
		"no type": func() {
			schemaOf(reflect.TypeFor[struct {
				C chan int `arg:"c"`
			}]()).Fields()
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			define()
		}()
	}
}

func TestAllOtherArgumentsGoToTheOpenField(t *testing.T) {
	t.Parallel()
	type facts struct {
		Cacheable bool           `arg:"cacheable"`
		Vars      map[string]any `arg:"*"`
	}
	var got facts
	m := Define(Spec{Name: "set"}, func(_ context.Context, _ system.Reader, a *facts) (*Plan, error) {
		got = *a
		return &Plan{}, nil
	})
	_, err := m.Plan(t.Context(), nil, Args{"a": 1, "cacheable": true})
	if diff := cmp.Diff(facts{true, map[string]any{"a": 1}}, got); err != nil || diff != "" || !m.Spec().Args.Open() {
		t.Error(err, diff)
	}
}

func TestUnknownAndPreparedValuesAreNotChecked(t *testing.T) {
	t.Parallel()
	m := Define(Spec{Name: "all", OneOf: [][]string{{"count", "ratio"}}, Exclusive: [][]string{{"count", "ratio"}}},
		func(context.Context, system.Reader, *everything) (*Plan, error) { return &Plan{}, nil })
	later := func(v any) bool { s, ok := v.(string); return ok && strings.Contains(s, "{{") }
	if got := m.Spec().Check(Args{"name": "x", "count": "{{ .n }}", "state": unknown.Value{}, "pass": secret.New("s")}, later); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	if got := m.Spec().Check(Args{"name": "x"}, later); len(got) != 1 || !strings.Contains(got[0].Error(), "one of count, ratio") {
		t.Errorf("got %v", got)
	}
	if got := m.Spec().Check(Args{"name": "x", "count": 1, "ratio": 1}, later); len(got) != 1 || got[0].Summary != "arguments exclude each other" {
		t.Errorf("got %v", got)
	}
}

func TestApplyCountsTheStepsTaken(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		err  error
		done int
		text string
	}{
		"all":     {nil, 2, ""},
		"failed":  {fs.ErrPermission, 1, "create file /b: permission denied"},
		"unknown": {unknown.Value{Why: "an output"}, 2, ""},
	} {
		p := &Plan{}
		p.Add(change.Change{Action: change.Create, Kind: "file", Target: "/a"}, func(context.Context, system.System) error { return nil })
		p.Add(change.Change{Action: change.Create, Kind: "file", Target: "/b"}, func(context.Context, system.System) error { return x.err })
		done, err := p.Apply(t.Context(), systemtest.New())
		if done != x.done || (err == nil) != (x.text == "") || err != nil && (err.Error() != x.text || !errors.Is(err, x.err)) {
			t.Errorf("%s: %d, %v", name, done, err)
		}
		if len(p.Changes()) != 2 {
			t.Errorf("%s: %v", name, p.Changes())
		}
	}
}
