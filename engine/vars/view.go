package vars

import (
	"maps"
	"slices"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template"
)

var _ template.Lazy = (*View)(nil)

// Layer is variables from one place. It is not to be changed once it is in a
// View: who sets a variable makes a new Layer.
type Layer struct {
	Level  Level
	Of     string // the role, group or file; "" if the level says it all
	Values map[string]any
	At     map[string]diag.Pos // of the variables whose place is known
}

// View is the variables that one task sees on one host. It is never changed, so
// it may be used by many goroutines; it is what templates are evaluated in.
type View struct {
	layers []*Layer // the highest first
}

// NewView is a View of layers, given from the lowest to the highest within each
// level. Nil and empty layers are left out. No variable is copied.
func NewView(layers ...*Layer) *View { return (&View{}).With(layers...) }

// With is v with more layers, each above those of the same level. v does not
// change.
func (v *View) With(layers ...*Layer) *View {
	out := &View{layers: make([]*Layer, 0, len(v.layers)+len(layers))}
	out.layers = append(out.layers, v.layers...)
	for _, l := range layers {
		if l == nil || len(l.Values) == 0 {
			continue
		}
		at := slices.IndexFunc(out.layers, func(o *Layer) bool { return o.Level <= l.Level })
		if at < 0 {
			at = len(out.layers)
		}
		out.layers = slices.Insert(out.layers, at, l)
	}
	return out
}

// Child is the variable called name, from the highest layer that has it.
func (v *View) Child(name string) (any, bool) {
	for _, l := range v.layers {
		if x, ok := l.Values[name]; ok {
			return x, true
		}
	}
	return nil, false
}

// Keys are the names of all variables, sorted.
func (v *View) Keys() []string {
	all := map[string]bool{}
	for _, l := range v.layers {
		for k := range l.Values {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Origin is the place a variable's value comes from.
type Origin struct {
	Level Level
	Of    string
	At    diag.Pos // the zero Pos if it is not known
}

// String is o in words: `group_vars/all.yml:3:1 (inventory group_vars/all)`.
func (o Origin) String() string {
	s := o.Level.String()
	if o.Of != "" {
		s += " of " + o.Of
	}
	if o.At != (diag.Pos{}) {
		return o.At.String() + " (" + s + ")"
	}
	return s
}

// Origins are the places that set name, the one that wins first; none if it is
// not set.
func (v *View) Origins(name string) []Origin {
	var out []Origin
	for _, l := range v.layers {
		if _, ok := l.Values[name]; ok {
			out = append(out, Origin{l.Level, l.Of, l.At[name]})
		}
	}
	return out
}
