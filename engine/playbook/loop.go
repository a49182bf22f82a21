package playbook

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template"
)

// Loop repeats a task for each element of a list.
type Loop struct {
	diag.Pos
	Over     any    // a list, or what evaluates to one
	Flatten  bool   // with_items: lists in the list are flattened by one level
	Dict     bool   // with_dict: a map becomes a list of {key, value}
	Var      string // "item" if not set
	IndexVar string
	Label    any // nil: the item itself
	Pause    any // seconds between items
	Extended bool
}

// Name is the variable that holds the element.
func (l *Loop) Name() string { return cmp.Or(l.Var, "item") }

// Elements are those that over, what Over evaluates to, has for the loop; ok is
// false if it is no list. Elements that are omitted are left out.
func (l *Loop) Elements(over any) (out []any, ok bool) {
	if m, is := over.(map[string]any); is && l.Dict {
		return entries(m), true
	}
	list, ok := over.([]any)
	if !ok && l.Flatten {
		list, ok = []any{over}, true
	}
	if !ok {
		return nil, false
	}
	list = slices.DeleteFunc(slices.Clone(list), template.IsOmit)
	if l.Flatten {
		list = flat(list)
	}
	return list, true
}

// entries are those of m as {key, value}, sorted by key.
func entries(m map[string]any) (out []any) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, map[string]any{"key": k, "value": m[k]})
	}
	return out
}

// flat is list with the lists in it taken apart, by one level.
func flat(list []any) (out []any) {
	for _, x := range list {
		if in, ok := x.([]any); ok {
			out = append(out, in...)
		} else {
			out = append(out, x)
		}
	}
	return out
}

// Vars are the variables of the element all[i].
func (l *Loop) Vars(all []any, i int) map[string]any {
	m := map[string]any{l.Name(): all[i], "ansible_loop_var": l.Name()}
	if l.IndexVar != "" {
		m[l.IndexVar] = i
	}
	if l.Extended {
		m["ansible_loop"] = position(all, i)
	}
	return m
}

// position says where in the loop all[i] is.
func position(all []any, i int) map[string]any {
	n := len(all)
	at := map[string]any{"index": i + 1, "index0": i, "first": i == 0, "last": i == n-1, "length": n, "revindex": n - i, "revindex0": n - i - 1, "allitems": all}
	if i > 0 {
		at["previtem"] = all[i-1]
	}
	if i+1 < n {
		at["nextitem"] = all[i+1]
	}
	return at
}
