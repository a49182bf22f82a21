package engine

import (
	"maps"
	"sync/atomic"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/playbook"
)

// fate is why a host takes no part in the rest of the run.
type fate int

const (
	alive fate = iota
	failed
	unreachable
)

// host is one host for one run. One goroutine at a time runs tasks on it; its
// variables may be read by those of others.
type host struct {
	name    string
	at      *inventory.Host
	magic   map[string]any // inventory_hostname and the like
	base    map[string]any // from the inventory and the files beside it and beside the playbook
	facts   cow
	set     cow // set_fact and register
	include cow // include_vars
	gone    fate
	fail    *failure                  // of the section being walked, until it is rescued or final
	over    bool                      // takes no part in the rest of this play
	notice  map[*playbook.Task]string // notified handlers, and why they may not run after all
	entered map[string]bool           // roles that this host has completed in this play
	shared  map[string]any            // what the last task set with set_fact, for run_once
	flush   bool                      // meta asked for its handlers to be flushed
}

// failure is a task that failed on a host and is not yet final.
type failure struct {
	task        *playbook.Task
	result      map[string]any
	unreachable bool
	event       *event.Failure
}

// cow is a set of variables that is copied when it is written, so that views
// made before do not change.
type cow struct {
	at atomic.Pointer[map[string]any]
}

// vars are the variables now; they must not be changed.
func (c *cow) vars() map[string]any {
	if p := c.at.Load(); p != nil {
		return *p
	}
	return nil
}

// put sets the variables of m. One goroutine at a time may call it.
func (c *cow) put(m map[string]any) {
	next := make(map[string]any, len(c.vars())+len(m))
	maps.Copy(next, c.vars())
	maps.Copy(next, m)
	c.at.Store(&next)
}

// clear forgets all variables.
func (c *cow) clear() { c.at.Store(nil) }

// host is the state of the host called name; one that is not in the inventory
// has no variables but those of the group all.
func (e *Engine) host(name string) *host {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.hosts[name]
	if h == nil {
		h = &host{name: name}
		e.hosts[name] = h
		e.place(h)
	}
	return h
}

// place gives h its variables from the inventory in force.
func (e *Engine) place(h *host) {
	h.at = e.inventory.Lookup(h.name)
	h.magic = magicOf(h)
	h.base = map[string]any{}
	for _, l := range e.inventory.Layers(h.at) {
		for k, v := range l.Vars {
			h.base[k] = v.Value
		}
	}
}

// live are the hosts of hs that can run tasks.
func live(hs []*host) (out []*host) {
	for _, h := range hs {
		if h.gone == alive && h.fail == nil && !h.over {
			out = append(out, h)
		}
	}
	return out
}

// bury makes failures that nothing rescued final.
func bury(hs []*host) {
	for _, h := range hs {
		if h.fail == nil {
			continue
		}
		if h.gone = failed; h.fail.unreachable {
			h.gone = unreachable
		}
		h.fail = nil
	}
}

// names are the names of hs.
func names(hs []*host) (out []string) {
	for _, h := range hs {
		out = append(out, h.name)
	}
	return out
}
