package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/unknown"
)

// included is what one host, or several alike, are to run of an include.
type included struct {
	key   string // equal for hosts that run it together
	nodes []playbook.Node
	vars  map[string]any // of the loop's element
	hosts []*host
}

// include runs n: each host says what it includes, and hosts that include the
// same run it together, one content after the other.
func (w *walk) include(hs []*host, n *playbook.Include) []*host {
	if !w.selected(n.Tags) {
		return hs
	}
	var mu sync.Mutex
	var found []*included
	take := func(h *host, in *included) {
		mu.Lock()
		defer mu.Unlock()
		for _, f := range found {
			if f.key == in.key {
				f.hosts = append(f.hosts, h)
				return
			}
		}
		in.hosts = []*host{h}
		found = append(found, in)
	}
	id := w.ids.next()
	j := &job{walk: w, Task: n.Task, id: id}
	w.out.Report(event.TaskStart{ID: id, Play: w.title, Task: w.view(hs[0], n.Task).Title(n.Task), Module: n.Module, Pos: n.Pos, Hosts: len(hs)})
	w.each(w.soft, hs, func(i int) {
		a := &attempt{job: j, host: hs[i], ctx: w.hard, view: w.view(hs[i], n.Task)}
		a.include(n, func(in *included) { take(hs[i], in) })
	})
	for _, f := range found {
		for _, node := range f.nodes {
			in := *w
			in.scope = merged(w.scope, f.vars)
			in.nodes(live(inOrder(hs, f.hosts, nil)), []playbook.Node{node})
		}
	}
	return live(hs)
}

// include finds what the host includes, for each element of a loop, and reports.
func (a *attempt) include(n *playbook.Include, take func(*included)) {
	pass := func(in *attempt) *verdict {
		run, why, cond, err := in.view.All(in.When)
		switch {
		case err != nil:
			return in.broken(err)
		case !run:
			return in.skipped(cond)
		}
		return in.content(n, why, take)
	}
	if a.Loop == nil {
		v := pass(a)
		v.done.ID, v.done.Host = a.id, a.host.name
		a.conclude(v)
		return
	}
	items, u, err := a.items()
	v := a.vague(unknowable(u))
	switch {
	case err != nil:
		v = a.broken(err)
	case u == nil:
		s := newSum(len(items))
		for i := range items {
			in := *a
			in.element0 = a.Loop.Vars(items, i)
			in.view = a.view.With(in.element0)
			s.add(pass(&in))
		}
		v = s.verdict()
	}
	v.done.ID, v.done.Host = a.id, a.host.name
	a.conclude(v)
}

// content loads what n includes on this host. why is set if it may not run at
// all: its tasks then run under that doubt.
func (a *attempt) content(n *playbook.Include, why string, take func(*included)) *verdict {
	if n.Kind == playbook.IncludeVars {
		return a.includeVars(why)
	}
	args, err := a.view.Resolve(n.Args.Values)
	if err != nil {
		return a.broken(err)
	}
	m := args.(map[string]any)
	base := n.Apply.Inherit(n.Around)
	if base.Doubt == "" {
		base.Doubt = why
	}
	in := &included{vars: a.element0}
	if n.Kind == playbook.IncludeTasks {
		err = a.includeTasks(n, m, base, in)
	} else {
		err = a.includeRole(n, m, base, in)
	}
	if err != nil {
		return a.broken(err)
	}
	in.key += fmt.Sprint(a.element0)
	take(in)
	v := &verdict{result: map[string]any{"changed": false}}
	v.status()
	v.settle()
	return v
}

func (a *attempt) includeTasks(n *playbook.Include, args map[string]any, base playbook.Keywords, in *included) error {
	file, _ := args["file"].(string)
	nodes, err := a.Loader.Tasks(a.ctx, load.TasksRequest{File: file, From: path.Dir(n.Pos.File), Base: base, Role: n.Role, Search: n.Search, Pos: n.Pos})
	in.key, in.nodes = file, nodes
	a.addHandlers(nodes)
	return err
}

func (a *attempt) includeRole(n *playbook.Include, args map[string]any, base playbook.Keywords, in *included) error {
	role, nodes, err := a.Loader.Role(a.ctx, load.RoleRequest{Args: args, Base: base, Public: n.Public, From: n.Role, Search: n.Search, Pos: n.Pos})
	if err != nil {
		return err
	}
	in.key, in.nodes = role.Key, nodes
	a.addHandlers(nodes)
	return nil
}

// addHandlers adds the handlers of the roles in nodes to the play's.
func (p *play) addHandlers(nodes []playbook.Node) {
	for _, n := range nodes {
		if b, ok := n.(*playbook.Block); ok {
			if b.Enter != nil {
				p.handlers.add(b.Enter.Handlers)
			}
			p.addHandlers(b.Tasks)
		}
	}
}

// includeVars reads variables for the rest of the play; under an unknown
// condition they are unknown.
func (a *attempt) includeVars(why string) *verdict {
	x, err := a.view.Resolve(a.Args.Values)
	if err != nil {
		return a.broken(err)
	}
	args := x.(map[string]any)
	name, _ := args["file"].(string)
	vars, err := a.varsFrom(name)
	if err != nil {
		return a.broken(err)
	}
	if as, ok := args["name"].(string); ok {
		vars = map[string]any{as: vars}
	}
	if why != "" {
		vars = maps.Clone(vars)
		for k := range vars {
			vars[k] = unknown.Value{Why: why}
		}
	}
	a.host.include.put(vars)
	v := &verdict{result: map[string]any{"changed": false}}
	v.status()
	v.settle()
	return v
}

// varsFrom reads the file called name: as it is, or in the vars folder of the
// role, beside the file of the task, or beside the playbook.
func (a *attempt) varsFrom(name string) (map[string]any, error) {
	tried := []string{name}
	if !path.IsAbs(name) {
		tried = nil
		for _, dir := range append(slices.Clone(a.Search), path.Dir(a.Pos.File)) {
			tried = append(tried, path.Join(dir, "vars", name), path.Join(dir, name))
		}
	}
	for _, f := range tried {
		vars, err := a.readVars(f)
		if !errors.Is(err, fs.ErrNotExist) {
			return vars, err
		}
	}
	return nil, a.problem("file of variables not found", name, "looked for "+strings.Join(tried, ", "))
}

// merged is a with b over it; neither is changed.
func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}
