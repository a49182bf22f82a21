package document

import (
	"reflect"
	"slices"
	"time"
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
	return reflect.DeepEqual(a, b) || lasting(a, b)
}

// lasting reports whether a and b are texts of the same time, such as 60s and 1m0s.
func lasting(a, b any) bool {
	s, isText := a.(string)
	t, too := b.(string)
	if !isText || !too {
		return false
	}
	x, err := time.ParseDuration(s)
	y, bad := time.ParseDuration(t)
	return err == nil && bad == nil && x == y
}

// Over is a copy of have with what want says in place of what it said. What want only
// leaves at nothing (false, 0) and have does not mention stays so.
func Over(have, want map[string]any) map[string]any {
	out, _ := Clone(have).(map[string]any)
	for k, v := range want {
		inner, isMap := v.(map[string]any)
		old, has := out[k]
		switch was, too := old.(map[string]any); {
		case isMap && (too || !has):
			out[k] = Over(was, inner)
		case !has && (v == false || v == 0), has && Same(old, v):
		default:
			out[k] = v
		}
	}
	return out
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
