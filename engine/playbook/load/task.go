package load

import (
	"fmt"
	"slices"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// scope is where nodes stand.
type scope struct {
	keywords playbook.Keywords // of all that is around
	role     *playbook.Role
	search   []string // as Task.Search
	home     string   // the playbook's folder
	handlers bool
}

// notification is a handler's name as a task says it.
type notification struct {
	at   diag.Pos
	name string
	role *playbook.Role
}

// nodes are the tasks and blocks in the list n.
func (r *reader) nodes(n *yaml.Node, what string, s scope) (out []playbook.Node) {
	for _, item := range r.items(n, what, "begin each task with a dash") {
		if !r.spend(item) {
			return out
		}
		if r.active[item] {
			r.failAt(item, "alias inside its own anchor", "*"+item.Anchor, "")
			continue
		}
		r.active[item] = true
		out = append(out, r.node(item, s)...)
		delete(r.active, item)
	}
	return out
}

func (r *reader) node(n *yaml.Node, s scope) []playbook.Node {
	if source.IsNull(n) || n.Kind != yaml.MappingNode {
		r.failAt(n, "task is not a map", "it is "+source.Describe(n), "write a module's name and a colon")
		return nil
	}
	pairs := r.fields(n, "task")
	for _, key := range []string{"block", "rescue", "always"} {
		if slices.ContainsFunc(pairs, func(p source.Pair) bool { return p.Key == key }) {
			return r.block(n, pairs, s)
		}
	}
	return r.task(n, pairs, s)
}

func (r *reader) block(n *yaml.Node, pairs []source.Pair, s scope) []playbook.Node {
	if s.handlers {
		r.failAt(n, "block in handlers", "", "make each task a handler, with one listen for all")
		return nil
	}
	r.checkKeys(pairs, inBlock)
	own := r.inherited(pairs, inBlock)
	own.Notified = r.notify(pairs, s)
	s.keywords = own.Inherit(s.keywords)
	b := &playbook.Block{Pos: r.at(n), Name: r.name(pairs)}
	if !slices.ContainsFunc(pairs, func(p source.Pair) bool { return p.Key == "block" }) {
		r.failAt(n, "rescue or always without block", "", "put the tasks they belong to in a block beside them")
	}
	b.Tasks = r.section(pairs, "block", s)
	b.Rescue = r.section(pairs, "rescue", s)
	b.Always = r.section(pairs, "always", s)
	return []playbook.Node{b}
}

// section are the nodes in the list under key, none if it is not there.
func (r *reader) section(pairs []source.Pair, key string, s scope) []playbook.Node {
	if p := pair(pairs, key); p != nil {
		return r.nodes(p.Value, key, s)
	}
	return nil
}

// name is the text under name, "" if there is none.
func (r *reader) name(pairs []source.Pair) any {
	if p := pair(pairs, "name"); p != nil {
		if v := r.textual(*p); v != nil {
			return v
		}
	}
	return ""
}

// notify are the handlers that a task or block notifies; the names are looked up
// when the whole play is read.
func (r *reader) notify(pairs []source.Pair, s scope) (out []any) {
	p := pair(pairs, "notify")
	if p == nil {
		return nil
	}
	out = r.texts(*p, false)
	for i, n := range r.list(*p) {
		if i < len(out) && len(out) == len(r.list(*p)) {
			if name, ok := out[i].(string); ok {
				r.notified = append(r.notified, notification{r.at(n), name, s.role})
			}
		}
	}
	return out
}

// task is what a task becomes: itself, an include, or what it imports.
func (r *reader) task(n *yaml.Node, pairs []source.Pair, s scope) []playbook.Node {
	act := r.action(n, pairs)
	where := inTask
	if s.handlers {
		where = inHandler
	}
	if act != nil {
		if w, ok := loaders[act.spec.Name]; ok && w != inTask {
			where = w
		}
	}
	r.checkTask(pairs, act, where)
	t := r.plainTask(n, pairs, s, where)
	if act == nil {
		return nil
	}
	if t.Delegate != nil && act.local && pair(pairs, "delegate_to") != nil {
		r.fail(act.at, "local_action with delegate_to", "", "remove one of them")
	} else if act.local {
		t.Delegate = "localhost"
	}
	t.Module, t.Spec, t.Args = act.spec.Name, act.spec, act.args.Args
	r.check(act.args, t.Defaults)
	switch {
	case where == inImport:
		return r.imports(t, s)
	case loaders[t.Module] != 0:
		return r.include(t, act.args, s)
	}
	r.checkHandler(t, pairs, s)
	return []playbook.Node{t}
}

// checkTask refuses keys that a task may not have; keys that may have been meant
// as modules are left to action.
func (r *reader) checkTask(pairs []source.Pair, act *action, where place) {
	for _, p := range pairs {
		switch {
		case legal(p.Key, where), act != nil && p.At == act.at:
		case p.Key == "listen" && where == inTask:
			r.fail(p.At, "keyword not allowed here", `"listen" in a task`, "only handlers listen")
		case act == nil && known[p.Key].where == 0 && gone[p.Key] == "":
		case r.spec(p.Key) != nil && known[p.Key].where == 0: // two modules, which action reports
		default:
			r.refuse(p, where)
		}
	}
}

// plainTask is all of a task but what it calls.
func (r *reader) plainTask(n *yaml.Node, pairs []source.Pair, s scope, where place) *playbook.Task {
	t := &playbook.Task{Pos: r.at(n), Name: r.name(pairs), Role: s.role, Search: s.search}
	own := r.inherited(pairs, where)
	if where == inImport {
		own.Notified = r.notify(pairs, s)
	} else if legal("notify", where) {
		t.Notify = r.notify(pairs, s)
	}
	t.Keywords = own.Inherit(s.keywords)
	if legal("loop", where) {
		t.Loop = r.loop(pairs)
	}
	if p := pair(pairs, "register"); p != nil && legal("register", where) {
		t.Register = r.variable(*p)
	}
	if legal("until", where) {
		t.Retry = r.retry(pairs)
	}
	if p := pair(pairs, "changed_when"); p != nil {
		t.ChangedWhen = r.conds(*p)
	}
	if p := pair(pairs, "failed_when"); p != nil {
		t.FailedWhen = r.conds(*p)
	}
	if p := pair(pairs, "listen"); p != nil {
		t.Listen = r.words(*p, false)
	}
	return t
}

// checkHandler finds what only a handler must and must not have.
func (r *reader) checkHandler(t *playbook.Task, pairs []source.Pair, s scope) {
	if !s.handlers {
		return
	}
	if _, ok := t.Name.(string); !ok {
		r.vague = true
	}
	if t.Name == "" && len(t.Listen) == 0 {
		r.fail(t.Pos, "handler without a name", "", "give it a name, or a topic under listen")
	}
	if t.Module == "meta" && t.Args.Values["action"] == "flush_handlers" {
		r.fail(t.Pos, "flush_handlers as a handler", "", "put it between the tasks")
	}
}

// handlerTasks are the handlers in the list n.
func (r *reader) handlerTasks(n *yaml.Node, s scope) (out []*playbook.Task) {
	s.handlers = true
	for _, node := range r.nodes(n, "handlers", s) {
		if t, ok := node.(*playbook.Task); ok {
			out = append(out, t)
		}
	}
	return out
}

// checkNotified finds notified names that none of handlers answers to.
func (ld *loading) checkNotified(handlers []*playbook.Task) {
	var names []string
	for _, h := range handlers {
		if name, ok := h.Name.(string); ok && name != "" {
			names = append(names, name)
			if h.Role != nil {
				names = append(names, h.Role.Name+" : "+name)
			}
		}
		names = append(names, h.Listen...)
	}
	for _, n := range ld.notified {
		if !slices.Contains(names, n.name) && !ld.vague {
			ld.fail(n.at, "handler not found", fmt.Sprintf("%q", n.name), diag.Suggest(n.name, names))
		}
	}
}
