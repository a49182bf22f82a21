package playbook_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/playbook"
)

func TestElementsAreThoseOfTheKindOfLoop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		loop playbook.Loop
		over any
		want []any
		ok   bool
	}{
		"list":          {playbook.Loop{}, []any{1, []any{2}}, []any{1, []any{2}}, true},
		"empty list":    {playbook.Loop{}, []any{}, []any{}, true},
		"no list":       {playbook.Loop{}, "a", nil, false},
		"map":           {playbook.Loop{}, map[string]any{"a": 1}, nil, false},
		"flattened":     {playbook.Loop{Flatten: true}, []any{1, []any{2, []any{3}}}, []any{1, 2, []any{3}}, true},
		"one flattened": {playbook.Loop{Flatten: true}, "a", []any{"a"}, true},
		"entries": {playbook.Loop{Dict: true}, map[string]any{"b": 2, "a": 1},
			[]any{map[string]any{"key": "a", "value": 1}, map[string]any{"key": "b", "value": 2}}, true},
	} {
		got, ok := c.loop.Elements(c.over)
		if d := cmp.Diff(c.want, got); d != "" || ok != c.ok {
			t.Errorf("%s: %v (-want +got):\n%s", name, ok, d)
		}
	}
}

func TestAnElementKnowsItsPlace(t *testing.T) {
	t.Parallel()
	all := []any{"a", "b"}
	l := playbook.Loop{Var: "x", IndexVar: "n", Extended: true}
	want := map[string]any{"x": "b", "n": 1, "ansible_loop_var": "x", "ansible_loop": map[string]any{
		"index": 2, "index0": 1, "first": false, "last": true, "length": 2, "revindex": 1, "revindex0": 0, "allitems": all, "previtem": "a"}}
	if d := cmp.Diff(want, l.Vars(all, 1)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]any{"item": "a", "ansible_loop_var": "item"}, new(playbook.Loop).Vars(all, 0)); d != "" {
		t.Error(d)
	}
}
