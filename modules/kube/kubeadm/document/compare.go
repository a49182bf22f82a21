package document

import (
	"reflect"
	"slices"
)

// Same reports whether a and b say the same; what is empty says nothing.
func Same(a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	x, isMap := a.(map[string]any)
	y, too := b.(map[string]any)
	if isMap && too {
		return len(Differing(x, y)) == 0
	}
	return reflect.DeepEqual(a, b)
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		for _, x := range v {
			if !empty(x) {
				return false
			}
		}
		return true
	case []any:
		return len(v) == 0
	case string:
		return v == ""
	}
	return false
}

// Differing are the names whose values differ, sorted. The version of the API that a
// document is written in says nothing.
func Differing(a, b map[string]any) (out []string) {
	for _, m := range []map[string]any{a, b} {
		for k := range m {
			if k != "apiVersion" && !slices.Contains(out, k) && !Same(a[k], b[k]) {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}
