package template

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/template/funcs"
)

// Function is one function of templates, for documentation.
type Function struct {
	Name      string
	Signature string // such as `where KEY VALUE LIST`; "" for one of Go's or sprig's
	Summary   string // one sentence; "" for one of Go's or sprig's
	Origin    string // "go", "sprig", or "gokube"
}

// Functions are all functions that templates may call, by name.
func Functions() []Function {
	var out []Function
	for _, f := range funcs.All() {
		out = append(out, Function{f.Name, f.Signature, f.Summary, "gokube"})
	}
	out = append(out, seeing()...)
	for _, n := range funcs.Sprig() {
		out = append(out, Function{Name: n, Origin: "sprig"})
	}
	for _, n := range builtins() {
		out = append(out, Function{Name: n, Origin: "go"})
	}
	slices.SortFunc(out, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b Function) bool { return a.Name == b.Name })
}

// seeing are the functions that look at the shape of their arguments alone, so
// that they may step past an unknown.
func seeing() []Function {
	return []Function{
		{"index", "index VALUE KEY...", "Is the element of a map or list at KEY, and so on; none is an error.", "gokube"},
		{"get", "get VALUE KEY...", "Is index.", "gokube"},
		{"hasKey", "hasKey MAP KEY", `Tells whether a map has a key: hasKey . "name" for a variable. A MAP that is not there has none.`, "gokube"},
		{"keys", "keys MAP...", "Is the sorted keys of maps.", "gokube"},
		{"len", "len VALUE", "Is the length of a text, list or map.", "gokube"},
		{"extract", "extract MAP [KEY] LIST", `Is the elements of MAP that LIST names, or KEY of each: .groups.etcd | extract .hostvars "ip".`, "gokube"},
		{"omit", "omit", "Leaves out the argument that has it: .port | default omit. With a map and names it is the map without these.", "gokube"},
	}
}

// known are the pure functions by name: those of funcs, and omit.
var known = knownFunctions() //nolint:gochecknoglobals // never changed; to make it for each text costs more than the text

func knownFunctions() map[string]any {
	m := funcs.Map()
	m["omit"] = omit
	return m
}

func builtins() []string {
	return []string{"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "html", "js", "urlquery"}
}

// functions are those of known names that belong to the instance's evaluation,
// and the ones the rewriter puts in.
func (i *instance) functions() map[string]any {
	get := func(base any, path ...any) (any, error) { return i.run.look(false, base, path) }
	return map[string]any{
		"_get": get, "index": get, "get": get,
		"_opt":   func(base any, path ...any) (any, error) { return i.run.look(true, base, path) },
		"_force": func(v any) (any, error) { return i.run.walk(v, false) },
		"_null":  func(v any) (any, error) { return i.run.force(v) },
		"_show":  func(v any) (string, error) { return i.run.show(v) },
		"_keep":  i.keep,
		"_each":  func(v any) (any, error) { return i.run.each(v) },
		"_tick":  func() (string, error) { return "", i.run.tick() },
		"hasKey": func(m, key any) (bool, error) { return i.run.hasKey(m, key) },
		"keys":   func(ms ...any) ([]any, error) { return i.run.keys(ms) },
		"len":    func(v any) (int, error) { return i.run.length(v) },
		"extract": func(from any, rest ...any) (any, error) {
			return i.run.extract(from, rest)
		},
	}
}

func (i *instance) keep(v any) (_ string, err error) {
	i.kept, err = i.run.native(v)
	return "", err
}

// force is walk for Go's comparisons, which take a nil pointer but no nil.
func (r *run) force(v any) (any, error) {
	v, err := r.walk(v, false)
	if v == nil && err == nil {
		v = (*null)(nil)
	}
	return v, err
}

func (r *run) hasKey(m, key any) (bool, error) {
	name, ok := key.(string)
	if !ok {
		return false, fmt.Errorf("the key is %s, not text", r.describe(key))
	}
	switch m := m.(type) {
	case *null, nil:
		return false, nil
	case Lazy:
		_, ok := m.Child(name)
		return ok, nil
	}
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Map {
		return false, fmt.Errorf("not a map: %s", r.describe(m))
	}
	return v.MapIndex(reflect.ValueOf(name)).IsValid(), nil
}

func (r *run) keys(ms []any) ([]any, error) {
	names := []string{}
	for _, m := range ms {
		if l, ok := m.(Lazy); ok {
			names = append(names, l.Keys()...)
			continue
		}
		v := reflect.ValueOf(m)
		if v.Kind() != reflect.Map {
			return nil, fmt.Errorf("not a map: %s", r.describe(m))
		}
		for _, k := range v.MapKeys() {
			names = append(names, k.String())
		}
	}
	slices.Sort(names)
	out := make([]any, len(names))
	for i := range names {
		out[i] = names[i]
	}
	return out, nil
}

func (r *run) length(v any) (int, error) {
	if l, ok := v.(Lazy); ok {
		return len(l.Keys()), nil
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return rv.Len(), nil
	}
	return 0, fmt.Errorf("no text, list or map: %s", r.describe(v))
}

// extract looks into from only at the names of the list.
func (r *run) extract(from any, rest []any) (any, error) {
	if len(rest) == 0 || len(rest) > 2 {
		return nil, errors.New("want MAP [KEY] LIST")
	}
	names, err := r.walk(rest[len(rest)-1], false)
	if err != nil {
		return nil, err
	}
	list, ok := names.([]any)
	if !ok {
		return nil, fmt.Errorf("not a list: %s", r.describe(names))
	}
	var below []any
	if len(rest) == 2 {
		key, ok := rest[0].(string)
		if !ok {
			return nil, fmt.Errorf("the key is %s, not text", r.describe(rest[0]))
		}
		for part := range strings.SplitSeq(key, ".") {
			below = append(below, part)
		}
	}
	out := make([]any, len(list))
	for i, name := range list {
		if out[i], err = r.look(false, from, append([]any{name}, below...)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func omit(args ...any) (any, error) {
	if len(args) == 0 {
		return Omit{}, nil
	}
	m, ok := args[0].(map[string]any)
	if !ok {
		return nil, errors.New("not a map")
	}
	out := maps.Clone(m)
	for _, a := range args[1:] {
		delete(out, fmt.Sprint(a))
	}
	return out, nil
}
