package funcs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

func dicts() []Function {
	return []Function{
		{"values", "values MAP...", "Is the values of maps, in the order of their keys.", values},
		{"merge", "merge MAP...", "Merges maps, also maps in them; the first one that has a key wins. None is changed.", merge},
		{"mergeOverwrite", "mergeOverwrite MAP...", "Is combine.", combine},
		{"combine", "combine MAP...", "Merges maps, also maps in them; the last one that has a key wins. None is changed.", combine},
		{"dict2items", "dict2items MAP", `Is the list of {"key": ..., "value": ...}, in the order of the keys.`, dict2items},
		{"items2dict", "items2dict LIST", `Is the map made of a list of {"key": ..., "value": ...}.`, items2dict},
	}
}

func values(ms ...map[string]any) []any {
	out := []any{}
	for _, m := range ms {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out = append(out, m[k])
		}
	}
	return out
}

func merge(ms ...map[string]any) map[string]any {
	ms = slices.Clone(ms)
	slices.Reverse(ms)
	return combine(ms...)
}

func combine(ms ...map[string]any) map[string]any {
	out := map[string]any{}
	for _, m := range ms {
		for k, v := range m {
			below, ok := v.(map[string]any)
			if old, is := out[k].(map[string]any); is && ok {
				v = combine(old, below)
			}
			out[k] = v
		}
	}
	return out
}

func dict2items(m map[string]any) []any {
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, map[string]any{"key": k, "value": m[k]})
	}
	return out
}

func items2dict(list any) (map[string]any, error) {
	elements, err := elementsOf(list)
	out := map[string]any{}
	for _, e := range elements {
		m, _ := e.(map[string]any)
		k, ok := m["key"].(string)
		if _, has := m["value"]; !ok || !has {
			return nil, errors.New(`an element has no text "key" or no "value"`)
		}
		out[k] = m["value"]
	}
	return out, err
}

// at is the value of the dotted key in e.
func at(e any, key string) (any, bool) {
	for part := range strings.SplitSeq(key, ".") {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, false
		}
		if e, ok = m[part]; !ok {
			return nil, false
		}
	}
	return e, true
}

func where(key string, want, list any) ([]any, error)    { return whose(key, want, list, true) }
func whereNot(key string, want, list any) ([]any, error) { return whose(key, want, list, false) }

func whose(key string, want, list any, equal bool) ([]any, error) {
	elements, err := elementsOf(list)
	out := []any{}
	for _, e := range elements {
		v, ok := at(e, key)
		if (ok && same(v, want)) == equal {
			out = append(out, e)
		}
	}
	return out, err
}

// same tells whether a and b are equal, 1 and 1.0 included.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch {
	case x.CanInt() && y.CanInt():
		return x.Int() == y.Int()
	case x.CanInt() && y.CanFloat():
		return float64(x.Int()) == y.Float()
	case x.CanFloat() && y.CanInt():
		return x.Float() == float64(y.Int())
	}
	return false
}

func pluck(key string, of ...any) ([]any, error) {
	out := []any{}
	for _, o := range of {
		elements := []any{o}
		if _, isMap := o.(map[string]any); !isMap {
			var err error
			if elements, err = elementsOf(o); err != nil {
				return nil, err
			}
		}
		for _, e := range elements {
			if v, ok := at(e, key); ok {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

func sortBy(key string, list any) ([]any, error) {
	elements, err := elementsOf(list)
	out := slices.Clone(elements)
	slices.SortStableFunc(out, func(a, b any) int {
		x, _ := at(a, key)
		y, _ := at(b, key)
		return compare(x, y)
	})
	return out, err
}

// compare orders numbers by value, everything else by its text.
func compare(a, b any) int {
	x, xok := number(fmt.Sprint(a))
	y, yok := number(fmt.Sprint(b))
	if xok && yok {
		return cmp.Compare(float(x), float(y))
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func float(n any) float64 {
	if i, ok := n.(int); ok {
		return float64(i)
	}
	f, _ := n.(float64)
	return f
}

func groupBy(key string, list any) (map[string]any, error) {
	elements, err := elementsOf(list)
	out := map[string]any{}
	for _, e := range elements {
		if v, ok := at(e, key); ok {
			group, _ := out[fmt.Sprint(v)].([]any)
			out[fmt.Sprint(v)] = append(group, e)
		}
	}
	return out, err
}
