package engine

import (
	"maps"
	"slices"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// view is the variables that one task sees on one host: layers of which the
// first that has a name wins, in Ansible's order of precedence. Making one copies
// no variables.
type view struct {
	*play
	host   *host // nil for what belongs to the whole play
	layers []map[string]any
}

// playView is what belongs to the whole play: no host's variables.
func (p *play) playView() *view {
	return &view{play: p, layers: []map[string]any{p.Extra, p.vars.prompts, p.vars.files, p.Play.Vars}}
}

// view is what t sees on h.
func (w *walk) view(h *host, t *playbook.Task) *view {
	v := &view{play: w.play, host: h, layers: make([]map[string]any, 0, 16)}
	v.add(w.Extra, w.scope)
	if t.Role != nil {
		v.add(t.Role.Params)
	}
	v.add(h.set.vars(), h.include.vars())
	for _, s := range slices.Backward(t.Scopes) {
		v.add(s)
	}
	v.roles(t, func(r *playbook.Role) map[string]any { return r.Vars })
	v.add(w.vars.files, w.vars.prompts, w.Play.Vars, h.facts.vars(), h.base)
	v.roles(t, func(r *playbook.Role) map[string]any { return r.Defaults })
	v.magic(t)
	return v
}

func (v *view) add(layers ...map[string]any) {
	for _, l := range layers {
		if len(l) > 0 {
			v.layers = append(v.layers, l)
		}
	}
}

// roles adds one kind of variables of the task's own role, and then of all roles
// of the play, the last one first.
func (v *view) roles(t *playbook.Task, of func(*playbook.Role) map[string]any) {
	if t.Role != nil {
		v.add(of(t.Role))
	}
	for _, r := range slices.Backward(v.Used) {
		if r != t.Role && !r.Private {
			v.add(of(r))
		}
	}
}

// with is v with m above all but extra variables.
func (v *view) with(m map[string]any) *view {
	if len(m) == 0 {
		return v
	}
	in := *v
	in.layers = slices.Concat([]map[string]any{m}, v.layers)
	return &in
}

// Child is the variable called name.
func (v *view) Child(name string) (any, bool) {
	for _, l := range v.layers {
		if x, ok := l[name]; ok {
			return x, true
		}
	}
	return v.special(name)
}

// Keys are the names of all variables, sorted.
func (v *view) Keys() []string {
	all := map[string]bool{"hostvars": true, "groups": true}
	for _, l := range v.layers {
		for k := range l {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Resolve replaces every template at or below x by its value.
func (v *view) Resolve(x any) (any, error) {
	if plain(x) {
		return x, nil
	}
	return template.Resolve(v, x)
}

// plain reports whether x is a scalar that is no template.
func plain(x any) bool {
	switch x.(type) {
	case nil, string, bool, int, float64:
		return true
	}
	return false
}

// Test evaluates one condition.
func (v *view) Test(c playbook.Cond) (truth bool, why *unknown.Value, err error) {
	if c.Bool != nil {
		return *c.Bool, nil, nil
	}
	return template.Test(v, c.Text, c.Pos)
}

// all reports whether every one of cs is true. One that is false decides, and is
// named, even beside one that is not known; without one, why is the first reason
// for not knowing.
func (v *view) all(cs []playbook.Cond) (run bool, why, cond string, err error) {
	for _, c := range cs {
		truth, u, err := v.Test(c)
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
