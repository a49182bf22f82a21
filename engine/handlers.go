package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
)

// handlers are a play's handlers in the order in which they run.
type handlers struct {
	mu  sync.RWMutex
	all []*playbook.Task
}

// add appends those of hs that are not there yet.
func (h *handlers) add(hs []*playbook.Task) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range hs {
		if !slices.Contains(h.all, t) {
			h.all = append(h.all, t)
		}
	}
}

// list are the handlers now.
func (h *handlers) list() []*playbook.Task {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.all
}

// match finds the handlers that a notification means: every listener of the
// topic, and of those called so the first in the last list that has one. from is
// the role of the notifying task, whose own handlers come first.
func (h *handlers) match(name string, from *playbook.Role, title func(*playbook.Task) string) (out []*playbook.Task) {
	var called *playbook.Task
	for _, t := range h.list() {
		if slices.Contains(t.Listen, name) {
			out = append(out, t)
		}
		if isCalled(t, title(t), name) && outranks(t, called, from) {
			called = t
		}
	}
	if called != nil && !slices.Contains(out, called) {
		out = append(out, called)
	}
	return out
}

// isCalled reports whether name means the handler t with that title: by the title
// alone, or as "role : title".
func isCalled(t *playbook.Task, title, name string) bool {
	role, rest, scoped := strings.Cut(name, " : ")
	return title == name || scoped && t.Role != nil && t.Role.Name == role && title == rest
}

// outranks reports whether the handler t takes the place of one of the same name
// that comes before it: of one list the first is meant, of several lists the last
// one's, but the notifying role's own handler before all.
func outranks(t, before *playbook.Task, from *playbook.Role) bool {
	if before == nil {
		return true
	}
	own := from != nil && before.Role != nil && before.Role.Name == from.Name
	return before.Role != t.Role && !own
}

// notify marks the handlers that a's outcome calls for.
func (a *attempt) notify(v *verdict) {
	why := ""
	switch v.done.Status {
	case event.Unknown:
		why = v.done.Why
	case event.Changed:
	default:
		return
	}
	for _, raw := range slices.Concat(a.Notified, a.Notify) {
		for _, name := range a.view.List(raw) {
			if err := a.mark(name, why); err != nil {
				v.done.Status = event.Failed
				a.fail(v, err.Error(), "")
				a.host.fail = v.fail
				return
			}
		}
	}
}

// mark notifies the handlers called name; a certain notification outweighs one
// that may not come.
func (a *attempt) mark(name, why string) error {
	found := a.handlers.match(name, a.Role, a.handlerTitle)
	if len(found) == 0 {
		var all []string
		for _, t := range a.handlers.list() {
			all = append(all, a.handlerTitle(t))
		}
		return diag.Diagnostic{Summary: "unknown handler", Detail: fmt.Sprintf("%q", name), Hint: diag.Suggest(name, all)}
	}
	for _, t := range found {
		if old, already := a.host.notice[t]; !already || old != "" {
			a.host.notice[t] = why
		}
	}
	return nil
}

// handlerTitle is a handler's name as its play sees it.
func (p *play) handlerTitle(t *playbook.Task) string {
	if s, plain := t.Name.(string); plain {
		return s
	}
	return p.playView().Text(t.Name)
}

// flush runs the notified handlers of hs in the order of their definition. One
// that an earlier one of the same flush notifies runs in it too.
func (w *walk) flush(hs []*host) []*host {
	for _, t := range w.handlers.list() {
		if w.aborted.Load() || w.soft.Err() != nil {
			return nil
		}
		var called []*host
		for _, h := range hs {
			if _, ok := h.notice[t]; ok {
				called = append(called, h)
			}
		}
		if len(called) > 0 {
			w.start(called, t, true)
		}
	}
	return live(hs)
}

// flushFailed runs what hosts were notified of before they failed.
func (w *walk) flushFailed(hs []*host) {
	for _, h := range hs {
		if h.fail == nil || h.fail.unreachable {
			continue
		}
		was := h.fail
		h.fail = nil
		w.flush([]*host{h})
		h.fail = was
	}
}
