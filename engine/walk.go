package engine

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/argument"
	"github.com/gokube/gokube/engine/vars"
)

// walk is one section being run with one set of hosts.
type walk struct {
	*batch
	soft context.Context
	// rescued says that a rescue section above takes failures.
	rescued bool
	scope   map[string]any // variables of the includes that led here
}

// batch is one batch of a play.
type batch struct {
	*play
	hosts   []*host
	aborted atomic.Bool // too many failures: nothing new begins in this play
}

// nodes runs ns in order and gives the hosts that are still live.
func (w *walk) nodes(hs []*host, ns []playbook.Node) []*host {
	for _, n := range ns {
		if len(hs) == 0 || w.aborted.Load() || w.soft.Err() != nil {
			return nil
		}
		switch n := n.(type) {
		case *playbook.Task:
			hs = w.task(hs, n)
		case *playbook.Block:
			hs = w.block(hs, n)
		case *playbook.Include:
			hs = w.include(hs, n)
		}
	}
	return hs
}

// block runs b: hosts that fail in its tasks go through rescue, and all that are
// reachable through always.
func (w *walk) block(hs []*host, b *playbook.Block) []*host {
	if b.Enter != nil {
		return w.role(hs, b)
	}
	in := *w
	in.rescued = w.rescued || len(b.Rescue) > 0
	ok := in.nodes(hs, b.Tasks)
	if len(b.Rescue) > 0 {
		ok = inOrder(hs, ok, w.nodes(w.recover(hs), b.Rescue))
	}
	if len(b.Always) == 0 {
		return ok
	}
	return w.always(hs, b.Always)
}

// recover takes the failures of hs back and gives the hosts that had one.
func (w *walk) recover(hs []*host) (out []*host) {
	for _, h := range hs {
		if h.fail == nil || h.fail.unreachable {
			continue
		}
		h.set.put(map[string]any{"ansible_failed_task": map[string]any{"name": h.fail.event.Task, "action": h.fail.event.Module}, "ansible_failed_result": h.fail.result})
		h.fail = nil
		out = append(out, h)
	}
	return out
}

// always runs ns on every host that can be reached; a failure from before stays.
func (w *walk) always(hs []*host, ns []playbook.Node) (ok []*host) {
	before := map[*host]*failure{}
	for _, h := range hs {
		if h.fail != nil && !h.fail.unreachable {
			before[h], h.fail = h.fail, nil
		}
	}
	passed := w.nodes(live(hs), ns)
	for h, f := range before {
		if h.fail == nil {
			h.fail = f
		}
	}
	return live(passed)
}

// role runs a role's block on the hosts that have not completed the same role in
// this play.
func (w *walk) role(hs []*host, b *playbook.Block) []*host {
	var fresh, done []*host
	for _, h := range hs {
		if h.entered[b.Enter.Key] && !b.Enter.Duplicates {
			done = append(done, h)
		} else {
			fresh = append(fresh, h)
		}
	}
	inner := *b
	inner.Enter = nil
	ok := w.block(w.accept(fresh, b), &inner)
	for _, h := range ok {
		h.entered[b.Enter.Key] = true
	}
	return inOrder(hs, ok, done)
}

// accept compares the variables of each of hs with what the role of b says that it
// takes, before its first task, and gives the hosts on which they fit. Nothing is
// told of them. It is done only where tasks of the role are going to run.
func (w *walk) accept(hs []*host, b *playbook.Block) []*host {
	r := b.Enter
	if r.Spec == nil || !w.anySelected(b.Tasks) {
		return hs
	}
	t := &playbook.Task{Pos: r.Pos, Name: "check the arguments of role " + r.Name, Role: r, Keywords: b.Use}
	bad := make([][]argument.Misfit, len(hs))
	w.each(w.soft, hs, func(i int) {
		v := w.view(hs[i], t)
		if run, why, _, err := v.All(b.Use.When); run && why+b.Use.Doubt == "" && err == nil {
			bad[i] = v.Misfits(r.Spec.Options)
		}
	})
	j := &job{walk: w, Task: t, id: w.ids.next()}
	return j.refuse(hs, bad)
}

// anySelected reports whether tags let any of the tasks in ns run.
func (w *walk) anySelected(ns []playbook.Node) bool {
	for t := range playbook.Walk(ns) {
		if w.selected(t.Tags) {
			return true
		}
	}
	return false
}

// refuse fails each of hs whose arguments do not fit, and gives the others.
func (j *job) refuse(hs []*host, bad [][]argument.Misfit) []*host {
	n := 0
	for _, ms := range bad {
		n += min(1, len(ms))
	}
	if n == 0 {
		return hs
	}
	j.out.Report(event.TaskStart{ID: j.id, Play: j.title, Role: j.Role.Name, Task: j.Name.(string), Pos: j.Pos, Hosts: n})
	for i, h := range hs {
		if len(bad[i]) == 0 {
			continue
		}
		a := &attempt{job: j, host: h, ctx: j.hard, view: j.view(h, j.Task)}
		v := &verdict{result: map[string]any{"changed": false}}
		v.done.ID, v.done.Host = j.id, h.name
		a.fail(v, a.misfits(bad[i]), j.Role.Spec.Options[bad[i][0].Name].Describe(bad[i][0].Name))
		a.conclude(v)
	}
	return j.settle(hs)
}

// misfits are what does not fit on one line, with the places of variables from the
// inventory.
func (a *attempt) misfits(ms []argument.Misfit) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		at := ""
		if a.view.Level(m.Name) == vars.PlaybookHostVars {
			at = " (" + a.inventory.Origin(a.host.at, m.Name).String() + ")"
		}
		out[i] = m.Name + m.At + at + ": " + m.Text
	}
	return strings.Join(out, "; ")
}

// inOrder are the hosts of all that are in one of sets.
func inOrder(all []*host, sets ...[]*host) (out []*host) {
	if len(sets) == 2 && len(sets[1]) == 0 {
		return sets[0]
	}
	for _, h := range all {
		if slices.ContainsFunc(sets, func(s []*host) bool { return slices.Contains(s, h) }) {
			out = append(out, h)
		}
	}
	return out
}
