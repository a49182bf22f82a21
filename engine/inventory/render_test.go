package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory"
)

const small = `[web]
h1 a=1
h2
[prod:children]
web
[prod:vars]
b=2
ansible_group_priority=5
[empty]
[late]
h1
`

func TestListIsWhatExecutableInventoriesPrint(t *testing.T) {
	t.Parallel()
	in := load(t, small)
	want := map[string]any{
		"_meta": map[string]any{"hostvars": map[string]any{"h1": map[string]any{"a": 1, "b": 2}, "h2": map[string]any{"b": 2}}},
		"all":   map[string]any{"children": []string{"ungrouped", "prod", "empty", "late"}},
		"prod":  map[string]any{"children": []string{"web"}},
		"web":   map[string]any{"hosts": []string{"h1", "h2"}},
		"late":  map[string]any{"hosts": []string{"h1"}},
	}
	if diff := cmp.Diff(want, in.List(inventory.Listing{})); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	limit, err := in.Limit("h2")
	if err != nil {
		t.Fatal(err)
	}
	want = map[string]any{
		"_meta": map[string]any{"hostvars": map[string]any{}},
		"all":   map[string]any{"children": []string{"ungrouped", "prod", "empty", "late"}},
		"prod":  map[string]any{"children": []string{"web"}, "vars": map[string]any{"b": 2, "ansible_group_priority": 5}},
		"web":   map[string]any{"hosts": []string{"h2"}},
	}
	if diff := cmp.Diff(want, in.List(inventory.Listing{Limit: &limit, Export: true})); diff != "" {
		t.Errorf("limited export (-want +got):\n%s", diff)
	}
}

func TestTreeHasEveryHostsVariablesOnce(t *testing.T) {
	t.Parallel()
	in := load(t, small)
	m := func(kv ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1]
		}
		return out
	}
	want := m("all", m("children", m(
		"prod", m("children", m("web", m("hosts", m("h1", m("a", 1, "b", 2), "h2", m("b", 2))))),
		"late", m("hosts", m("h1", m())),
	)))
	if diff := cmp.Diff(want, in.Tree(inventory.Listing{})); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

func TestGraphDrawsAGroup(t *testing.T) {
	t.Parallel()
	in := load(t, small)
	got, err := in.Graph("prod", true)
	if err != nil {
		t.Fatal(err)
	}
	const want = `@prod:
  |--@web:
  |  |--h1
  |  |  |--{a = 1}
  |  |  |--{b = 2}
  |  |--h2
  |  |  |--{b = 2}
  |--{ansible_group_priority = 5}
  |--{b = 2}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
	if _, err := in.Graph("prd", false); err == nil || err.Error() != `unknown group: "prd", did you mean "prod"?` {
		t.Errorf("unknown group: %v", err)
	}
}
