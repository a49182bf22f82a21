package load

import (
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// action is what a task calls: a module, or what the loader itself understands.
type action struct {
	spec  *module.Spec
	at    diag.Pos // of the key that names it
	args  *arguments
	local bool // local_action
}

// instead are modules of Ansible that gokube has under another name.
var instead = map[string]string{"service": "systemd", "systemd_service": "systemd", "yum": "package", "dnf": "package",
	"zypper": "package", "pacman": "package", "gather_facts": "setup"}

// canonical is a module's name without the collection that Ansible keeps its own in.
func canonical(name string) string {
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// spec is the module or action called name, nil if there is none.
func (l *Loader) spec(name string) *module.Spec {
	name = canonical(name)
	if s, ok := l.actions[name]; ok {
		return s
	}
	return l.opts.Modules(name)
}

// action finds what the task t with these pairs calls, nil if that is not clear.
func (r *reader) action(t *yaml.Node, pairs []source.Pair) *action {
	calls, strange := r.sort(pairs)
	switch {
	case len(calls) > 1:
		r.fail(calls[1].At, "two modules in one task", calls[0].Key+" and "+calls[1].Key, "make it two tasks")
		return nil
	case len(calls) == 1 && strings.HasSuffix(calls[0].Key, "action"):
		return r.named(calls[0], pairs)
	case len(calls) == 1:
		p := calls[0]
		return &action{spec: r.spec(p.Key), at: p.At, args: r.arguments(r.spec(p.Key), p.At, p.Value, pairs)}
	}
	if r.unknownModules(strange) == 0 && !slices.ContainsFunc(pairs, removed) {
		r.failAt(t, "task without a module", "", "name a module, such as command: or debug:")
	}
	return nil
}

// sort finds among pairs those that name a module, and those that are neither
// module nor keyword.
func (r *reader) sort(pairs []source.Pair) (calls, strange []source.Pair) {
	for _, p := range pairs {
		switch {
		case p.Key == "action", p.Key == "local_action":
			calls = append(calls, p)
		case legal(p.Key, inTask|inHandler|inBlock):
		case r.spec(p.Key) != nil:
			calls = append(calls, p)
		case known[p.Key].where == 0 && gone[p.Key] == "":
			strange = append(strange, p)
		}
	}
	return calls, strange
}

// removed tells whether p names what Ansible's old include did.
func removed(p source.Pair) bool { return p.Key == "include" }

// unknownModules reports keys that are neither keyword nor module, as what they
// are most alike. n says how many may have been meant as modules.
func (r *reader) unknownModules(strange []source.Pair) (n int) {
	for _, p := range strange {
		if diag.Nearest(p.Key, names(inTask)) != "" && diag.Nearest(canonical(p.Key), r.modules()) == "" {
			r.refuse(p, inTask)
			continue
		}
		r.unknownModule(p.At, p.Key)
		n++
	}
	return n
}

func (r *reader) unknownModule(at diag.Pos, name string) {
	short := canonical(name)
	if short == "import_playbook" {
		r.fail(at, "import_playbook in a play", "", "put it beside the plays")
		return
	}
	last := short[strings.LastIndex(short, ".")+1:]
	hint := diag.Suggest(last, r.modules())
	if other := instead[last]; other != "" && r.spec(other) != nil {
		hint = "use " + other
	}
	if last != short && r.spec(last) != nil {
		hint = "write " + last
	}
	r.fail(at, "unknown module", name, hint)
}

// modules are the names of all that a task can call.
func (l *Loader) modules() []string {
	return slices.AppendSeq(slices.Clone(l.opts.Names), maps.Keys(l.actions))
}

// named is what `action:` or `local_action:` calls: a text that begins with the
// module's name, or a map that has it under module.
func (r *reader) named(p source.Pair, pairs []source.Pair) *action {
	n := source.Resolve(p.Value)
	a := &action{at: p.At, local: p.Key == "local_action"}
	switch {
	case n.Kind == yaml.MappingNode:
		fields := r.fields(n, p.Key)
		m := pair(fields, "module")
		if m == nil {
			r.failAt(n, "task without a module", p.Key, "name it under module")
			return nil
		}
		if a.spec = r.spec(r.word(*m)); a.spec == nil {
			r.unknownModule(m.At, m.Value.Value)
			return nil
		}
		fields = slices.DeleteFunc(fields, func(f source.Pair) bool { return f.Key == "module" })
		a.args = r.begin(a.spec, p.At)
		r.pairs(a.args, fields)
		r.more(a.args, pairs)
		return a
	case n.Kind == yaml.ScalarNode:
		s := r.f.Scalar(n)
		name, _, _ := strings.Cut(strings.TrimSpace(s.Value), " ")
		if a.spec = r.spec(name); a.spec == nil {
			r.unknownModule(s.At, name)
			return nil
		}
		a.args = r.begin(a.spec, p.At)
		r.line(a.args, part(s, strings.Index(s.Value, name)+len(name), len(s.Value)))
		r.more(a.args, pairs)
		return a
	}
	r.wrong(p, n, "text or a map")
	return nil
}

// arguments are those of one call.
type arguments struct {
	playbook.Args
	spec  *module.Spec
	at    diag.Pos // of the call
	apply *source.Pair
	since int // how many problems there were before these were read
}

func (r *reader) begin(spec *module.Spec, at diag.Pos) *arguments {
	return &arguments{Args: playbook.Args{Values: map[string]any{}, At: map[string]diag.Pos{}}, spec: spec, at: at, since: len(r.problems)}
}

// arguments reads those that n holds, in any of their forms, and those of the
// task's args keyword.
func (r *reader) arguments(spec *module.Spec, at diag.Pos, n *yaml.Node, pairs []source.Pair) *arguments {
	a := r.begin(spec, at)
	switch n = source.Resolve(n); {
	case source.IsNull(n):
	case n.Kind == yaml.MappingNode:
		r.pairs(a, r.fields(n, "arguments"))
	case n.Kind == yaml.ScalarNode:
		r.line(a, r.f.Scalar(n))
	case spec.FreeForm != "":
		r.set(a, spec.FreeForm, r.at(n), n)
	default:
		r.failAt(n, "wrong form of arguments", "a list for module "+spec.Name, "write a map of arguments")
	}
	r.more(a, pairs)
	return a
}

// more adds the arguments of the args keyword.
func (r *reader) more(a *arguments, pairs []source.Pair) {
	if p := pair(pairs, "args"); p != nil {
		r.pairs(a, r.fields(p.Value, "args"))
	}
}

func (r *reader) pairs(a *arguments, pairs []source.Pair) {
	for _, p := range pairs {
		r.set(a, p.Key, p.At, p.Value)
	}
}

// set is one argument, decoded as its type asks for.
func (r *reader) set(a *arguments, name string, at diag.Pos, n *yaml.Node) {
	if _, twice := a.Values[name]; twice {
		r.fail(at, "argument given twice", name, "")
		return
	}
	if name == "apply" && a.spec.Args.Field(name) != nil {
		a.apply = &source.Pair{Key: name, At: at, Value: n}
		return
	}
	a.At[name] = at
	if f := a.spec.Args.Field(name); f != nil && !source.IsNull(n) {
		switch f.Type {
		case module.Tests:
			r.conds(source.Pair{Key: name, At: at, Value: n})
			a.Values[name] = r.plain(n)
			return
		case module.Pipeline:
			a.Values[name] = r.pipeline(n)
			return
		}
	}
	a.Values[name] = r.value(n)
}

// check finds what is wrong with the arguments, of which outer module_defaults
// are part then.
func (r *reader) check(a *arguments, outer []map[string]any) {
	own, unread := maps.Clone(a.Values), len(r.problems) > a.since
	for _, d := range slices.Backward(outer) {
		args, _ := d[a.spec.Name].(map[string]any)
		for name, v := range args {
			if _, given := a.Values[name]; !given {
				a.Values[name], a.At[name] = v, a.at
			}
		}
	}
	for _, e := range a.spec.Check(a.Values, templated) {
		if _, ok := own[e.Arg]; ok || e.Arg == "" && !unread {
			r.problems.Add(a.At[e.Arg], located(e, a.place(e.Arg)))
		}
	}
}

// place is that of an argument, or of the call.
func (a *arguments) place(name string) diag.Pos {
	if p, ok := a.At[name]; ok {
		return p
	}
	return a.at
}

func located(e module.ArgError, at diag.Pos) error {
	return diag.Diagnostic{Pos: at, Summary: e.Summary, Detail: e.Detail, Hint: e.Hint}
}

// defaults are module_defaults: arguments by module. They are checked, but for
// what is missing.
func (r *reader) defaults(p source.Pair) []map[string]any {
	out := map[string]any{}
	for _, m := range r.fields(p.Value, p.Key) {
		spec := r.spec(m.Key)
		switch {
		case strings.HasPrefix(m.Key, "group/"):
			r.fail(m.At, "module group not supported", m.Key, "name each module")
			continue
		case spec == nil:
			r.unknownModule(m.At, m.Key)
			continue
		}
		a := r.begin(spec, m.At)
		r.pairs(a, r.fields(m.Value, "module_defaults of "+m.Key))
		for _, e := range spec.Check(a.Values, templated) {
			if e.Arg != "" {
				r.problems.Add(m.At, located(e, a.place(e.Arg)))
			}
		}
		out[spec.Name] = a.Values
	}
	return one(out)
}
