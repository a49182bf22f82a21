// Package scope is the variables that one task sees on one host, and what is read
// from them: values, conditions, keyword settings. It knows no hosts and no
// connections; who makes a Scope says which layers it has.
package scope

import (
	"sync"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/vars"
)

// Scope is a view of variables in which a task's texts are evaluated. It is never
// changed and safe for concurrent use.
type Scope struct {
	view  *vars.View
	made  Maker
	conds *Conditions
}

// Maker makes the variables that are made only when they are asked for; nil makes
// none. It must not be slow.
type Maker func(name string) (value any, ok bool)

// New is a Scope of layers, given from the lowest to the highest within each
// level. cs may be shared by all scopes of a run.
func New(cs *Conditions, made Maker, layers ...*vars.Layer) *Scope {
	return &Scope{view: vars.NewView(layers...), made: made, conds: cs}
}

// With is s with values above all but extra and magic variables: those of a loop's
// element, or a result under the name that register gives it.
func (s *Scope) With(values map[string]any) *Scope {
	if len(values) == 0 {
		return s
	}
	in := *s
	in.view = s.view.With(&vars.Layer{Level: vars.IncludeParams, Values: values})
	return &in
}

// Child is the variable called name.
func (s *Scope) Child(name string) (any, bool) {
	if x, ok := s.view.Child(name); ok || s.made == nil {
		return x, ok
	}
	return s.made(name)
}

// Keys are the names of all variables that are not made on demand, sorted.
func (s *Scope) Keys() []string { return s.view.Keys() }

// Resolve replaces every template at or below x by its value; unknown leaves stay.
func (s *Scope) Resolve(x any) (any, error) {
	switch x.(type) {
	case nil, string, bool, int, float64:
		return x, nil
	}
	return template.Resolve(s, x)
}

// Blank is Resolve with another text in the place of every secret.
func (s *Scope) Blank(x any) (any, error) { return template.Blank(s, x) }

// Test evaluates one condition; why is set if it depends on an unknown.
func (s *Scope) Test(c playbook.Cond) (truth bool, why *unknown.Value, err error) {
	if c.Bool != nil {
		return *c.Bool, nil, nil
	}
	cond, err := s.conds.get(c)
	if err != nil {
		return false, nil, err
	}
	return cond.Test(s)
}

// All reports whether every one of cs is true. One that is false decides, and is
// named, even beside one that is not known; without one, why is the first reason
// for not knowing.
func (s *Scope) All(cs []playbook.Cond) (run bool, why, cond string, err error) {
	for _, c := range cs {
		truth, u, err := s.Test(c)
		switch {
		case err != nil:
			return false, why, "", err
		case u != nil && why == "":
			why = u.Why
		case u == nil && !truth:
			return false, "", c.String(), nil
		}
	}
	return true, why, "", nil
}

// Conditions keeps parsed conditions by text and place. The zero Conditions is
// empty; it is safe for concurrent use.
type Conditions struct{ parsed sync.Map }

func (cs *Conditions) get(c playbook.Cond) (*template.Condition, error) {
	if kept, ok := cs.parsed.Load(c); ok {
		return kept.(*template.Condition), nil
	}
	cond, err := template.ConditionOf(c.Text, c.Pos)
	if err == nil {
		cs.parsed.Store(c, cond)
	}
	return cond, err
}
