package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/gokube/gokube/engine/playbook"
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
	ok := w.block(fresh, &inner)
	for _, h := range ok {
		h.entered[b.Enter.Key] = true
	}
	return inOrder(hs, ok, done)
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
