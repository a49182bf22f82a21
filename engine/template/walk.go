package template

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// walk is v with every Text in it evaluated, as a copy the caller may keep or
// change. It stops at an unknown, unless it is to keep them; a secret it is to
// keep stays one, any other is revealed and taints.
func (r *run) walk(v any, keep bool) (any, error) {
	v, err := r.settle(v)
	if u, ok := unknown.Of(err); ok && keep {
		return u, nil
	}
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil, bool, int, float64, Omit:
		return x, nil
	case string:
		return x, fits(len(x)) // so that what a function makes of it is bounded, too
	case *null:
		return nil, nil
	case secret.String:
		if !keep {
			return r.reveal(x), nil
		}
		return x, nil
	case map[string]any:
		return r.walkMap(x, keep)
	case Lazy:
		return r.walkLazy(x, keep)
	case []any:
		return r.walkList(x, keep)
	}
	return r.walkOther(v, keep)
}

func (r *run) walkList(l []any, keep bool) (_ any, err error) {
	out := make([]any, len(l))
	for i := range l {
		if out[i], err = r.walk(l[i], keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *run) walkMap(m map[string]any, keep bool) (_ any, err error) {
	out := make(map[string]any, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if out[k], err = r.walk(m[k], keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *run) walkLazy(l Lazy, keep bool) (_ any, err error) {
	keys := l.Keys()
	out := make(map[string]any, len(keys))
	for _, k := range keys {
		x, err := r.lazyChild(l, k, nil)
		if err == nil {
			out[k], err = r.walk(x, keep)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// walkOther makes of what functions give the types that data has: numbers of any
// size ints, lists and maps of any type []any and map[string]any.
func (r *run) walkOther(v any, keep bool) (any, error) {
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		return int(rv.Int()), nil
	case rv.CanUint() && rv.Uint() < 1<<63:
		return int(rv.Uint()), nil
	case rv.CanFloat():
		return rv.Float(), nil
	case rv.Kind() == reflect.String && rv.Type().PkgPath() == "":
		return rv.String(), nil
	case rv.Kind() == reflect.Slice:
		list := make([]any, rv.Len())
		for i := range list {
			list[i] = rv.Index(i).Interface()
		}
		return r.walkList(list, keep)
	case rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String:
		m := make(map[string]any, rv.Len())
		for _, k := range rv.MapKeys() {
			m[k.String()] = rv.MapIndex(k).Interface()
		}
		return r.walkMap(m, keep)
	}
	return v, nil // a version, an URL: for the function or the field after it
}

// show is v as text. Go's rendering of maps and lists is of no use in a file.
func (r *run) show(v any) (string, error) {
	v, err := r.walk(v, false)
	if err != nil || v == nil {
		return "", err
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	if _, ok := v.(Omit); ok {
		return "", diag.Diagnostic{Summary: "omit in text", Hint: "give it to a whole argument"}
	}
	switch reflect.ValueOf(v).Kind() {
	case reflect.Map, reflect.Slice:
		return "", diag.Diagnostic{Summary: "a map or list in text", Detail: "it is " + r.describe(v), Hint: "name an element, or use toJson or join"}
	}
	return fmt.Sprint(v), nil
}

// native is v as the value of a whole text: plain data.
func (r *run) native(v any) (any, error) {
	v, err := r.walk(v, true)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case nil, string, bool, int, float64, Omit, secret.String, unknown.Value, []any, map[string]any:
		return v, nil
	}
	if s, ok := v.(fmt.Stringer); ok {
		return s.String(), nil
	}
	return fmt.Sprint(v), nil
}

// each is v as something range can take; null is an empty list.
func (r *run) each(v any) (any, error) {
	switch x := v.(type) {
	case *null, nil:
		return []any{}, nil
	case Lazy:
		out := map[string]any{}
		for _, k := range x.Keys() {
			e, err := r.lazyChild(x, k, nil)
			if err != nil {
				return nil, err
			}
			out[k] = e
		}
		return out, nil
	}
	if k := reflect.ValueOf(v).Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Int {
		return v, nil
	}
	return nil, diag.Diagnostic{Summary: "range over what is no list or map", Detail: "it is " + r.describe(v)}
}
