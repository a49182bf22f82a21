package template

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// null is YAML's null inside an execution: text/template can hand a nil pointer
// to `and`, `or` and `eq`, but not an untyped nil.
type null struct{}

// bound is a Text that belongs to another scope than the one it is read from.
type bound struct {
	text *Text
	in   Lazy
}

// look walks path down from base. It is the only way from data to an expression.
// What is not there is null if lenient.
func (r *run) look(lenient bool, base any, path []any) (any, error) {
	v, err := r.settle(base)
	for i := 0; err == nil && i < len(path); i++ {
		v, err = r.child(v, path, i)
		if lenient && errors.As(err, new(missing)) {
			return (*null)(nil), nil
		}
		if err == nil {
			v, err = r.settle(v)
		}
	}
	if s, ok := v.(secret.String); ok {
		v = r.reveal(s)
	}
	if err == nil && v == nil {
		v = (*null)(nil)
	}
	return v, err
}

// settle evaluates v if it is a Text and stops at an unknown.
func (r *run) settle(v any) (any, error) {
	if err := r.tick(); err != nil {
		return nil, err
	}
	var err error
	switch t := v.(type) {
	case Vars:
		return map[string]any(t), nil
	case *Text:
		v, err = r.eval(t, r.top().in)
	case *bound:
		v, err = r.eval(t.text, t.in)
	}
	if u, ok := v.(unknown.Value); ok {
		return nil, u
	}
	return v, err
}

// missing is a name that is not there. It is its own type so that look does not
// take a missing name inside a variable's own text for the variable's absence.
type missing struct{ diag.Diagnostic }

// Unwrap gives the Diagnostic to errors.As.
func (m missing) Unwrap() error { return m.Diagnostic }

// child is the element path[i] of v.
func (r *run) child(v any, path []any, i int) (any, error) {
	if s, ok := v.(secret.String); ok {
		v = r.reveal(s)
	}
	name, isName := asName(path[i])
	switch m := v.(type) {
	case nil, *null:
		in := cmp.Or(r.of(path[:i]), " of what")
		return nil, missing{diag.Diagnostic{Summary: "undefined variable", Detail: fmt.Sprintf("%q%s, which is null", r.element(path[i]), in)}}
	case Lazy:
		if isName {
			return r.lazyChild(m, name, path[:i])
		}
	case map[string]any:
		if x, ok := m[name]; ok && isName {
			return x, nil
		}
	}
	if isName {
		return r.named(reflect.ValueOf(v), name, path[:i])
	}
	return r.numbered(reflect.ValueOf(v), path[i], path[:i])
}

// named is the element of a map, or what a method without arguments gives:
// (semver "1.2.3").Minor.
func (r *run) named(v reflect.Value, name string, above []any) (any, error) {
	if v.Kind() == reflect.Map {
		return r.mapChild(v, name, above)
	}
	if m := v.MethodByName(name); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
		return m.Call(nil)[0].Interface(), nil
	}
	return nil, r.noElement(v, name)
}

// numbered is the element of a list.
func (r *run) numbered(v reflect.Value, key any, above []any) (any, error) {
	k := reflect.ValueOf(key)
	if v.Kind() != reflect.Slice || !k.CanInt() {
		return nil, r.noElement(v, key)
	}
	if n := int(k.Int()); n >= 0 && n < v.Len() {
		return v.Index(n).Interface(), nil
	}
	return nil, missing{diag.Diagnostic{Summary: "index out of range", Detail: fmt.Sprintf("%v of a list of %d%s", key, v.Len(), r.of(above))}}
}

func (r *run) noElement(of reflect.Value, key any) error {
	return diag.Diagnostic{Summary: "no such element", Detail: fmt.Sprintf("%s of %s", r.element(key), r.describe(of.Interface()))}
}

// element names a key in a message. One that does not stand in the template may
// be made of a secret.
func (r *run) element(key any) string {
	name, ok := key.(string)
	if t := r.top().text; ok && t != nil && !t.Secret && strings.Contains(t.Src, name) {
		return name
	}
	return r.describe(key)
}

// lazyChild is a child of m; a Text in it stays in m's scope.
func (r *run) lazyChild(m Lazy, name string, above []any) (any, error) {
	x, ok := m.Child(name)
	if !ok {
		return nil, r.undefined(name, m.Keys(), above)
	}
	if m != r.top().in {
		x = bind(x, m)
	}
	return x, nil
}

// bind is v with every Text in it tied to in. What has none is not copied.
func bind(v any, in Lazy) any {
	switch x := v.(type) {
	case *Text:
		return &bound{x, in}
	case []any:
		if hasText(x) {
			out := make([]any, len(x))
			for i := range x {
				out[i] = bind(x[i], in)
			}
			return out
		}
	case map[string]any:
		if hasText(x) {
			out := make(map[string]any, len(x))
			for k := range x {
				out[k] = bind(x[k], in)
			}
			return out
		}
	}
	return v
}

func hasText(v any) bool {
	switch x := v.(type) {
	case *Text:
		return true
	case []any:
		return slices.ContainsFunc(x, hasText)
	case map[string]any:
		for k := range x {
			if hasText(x[k]) {
				return true
			}
		}
	}
	return false
}

func (r *run) mapChild(m reflect.Value, name string, above []any) (any, error) {
	if m.Type().Key().Kind() == reflect.String {
		if e := m.MapIndex(reflect.ValueOf(name).Convert(m.Type().Key())); e.IsValid() {
			return e.Interface(), nil
		}
	}
	var names []string
	for _, n := range m.MapKeys() {
		names = append(names, fmt.Sprint(n))
	}
	return nil, r.undefined(name, names, above)
}

func (r *run) undefined(name string, names []string, above []any) error {
	return missing{diag.Diagnostic{Summary: "undefined variable", Detail: fmt.Sprintf("%q%s", name, r.of(above)), Hint: diag.Suggest(name, names)}}
}

// of says in what an element is missing.
func (r *run) of(above []any) string {
	if len(above) == 0 {
		return ""
	}
	parts := make([]string, len(above))
	for i := range above {
		parts[i] = r.element(above[i])
	}
	return " of ." + strings.Join(parts, ".")
}

// asName is a key as text: keys of maps are always text here.
func asName(key any) (string, bool) {
	switch k := key.(type) {
	case string:
		return k, true
	case secret.String:
		return k.Reveal(), true
	}
	return "", false
}
