package inventory

import (
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory/ini"
	"github.com/gokube/gokube/engine/source"
)

// iniReader links the groups of one INI inventory. A child may be named before
// it is declared, and is then linked where it is declared, as Ansible does: the
// order of hosts depends on it.
type iniReader struct {
	*loader
	pending map[string][]deferredChild // by name of the child
}

func (l *loader) ini(path string, data []byte) {
	sections, err := ini.Parse(path, data)
	l.problems.Add(diag.Pos{File: path}, err)
	r := &iniReader{loader: l, pending: map[string][]deferredChild{}}
	for _, s := range sections {
		r.section(s)
	}
	for _, s := range sections { // in the order of the file, unlike pending
		for _, c := range s.Children {
			l.deferred = append(l.deferred, r.pending[c.Name]...)
			delete(r.pending, c.Name)
		}
	}
}

func (r *iniReader) section(s ini.Section) {
	g := r.group(s.Group, s.Pos)
	if s.Kind != ini.Vars {
		g.declared = true
		for _, d := range r.pending[g.Name] {
			r.child(d.parent, g, d.pos)
		}
		delete(r.pending, g.Name)
	} else if !g.declared {
		r.orphans = append(r.orphans, orphanVars{g, s.Pos})
	}
	for _, h := range s.Hosts {
		r.addHosts(g, h.Pattern, h.Pos, r.vars(h.Vars))
	}
	for _, c := range s.Children {
		if known, ok := r.in.groups[c.Name]; ok {
			r.child(g, known, c.Pos)
		} else {
			r.pending[c.Name] = append(r.pending[c.Name], deferredChild{g, c.Name, c.Pos})
		}
	}
	for name, v := range r.vars(s.Vars) {
		r.setVar(g, name, v)
	}
}

func (r *iniReader) vars(list []ini.Var) Vars {
	if len(list) == 0 {
		return nil
	}
	vars := make(Vars, len(list))
	for _, v := range list {
		vars[v.Name] = Var{r.text(v.Value, v.At, v.Exact), v.Pos}
	}
	return vars
}

// text gives every string at or below v to the hook for text.
func (l *loader) text(v any, at diag.Pos, exact bool) any {
	if l.options.Hooks.Text == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return l.options.Hooks.Text(source.Scalar{Value: v, Tag: "!!str", At: at, Exact: exact})
	case []any:
		for i := range v {
			v[i] = l.text(v[i], at, false)
		}
	case map[string]any:
		for k := range v {
			v[k] = l.text(v[k], at, false)
		}
	}
	return v
}
