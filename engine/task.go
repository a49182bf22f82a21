package engine

import (
	"context"
	"encoding/json"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/schedule"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// job is one task being run by a set of hosts.
type job struct {
	*walk
	*playbook.Task
	id      int
	handler bool
	gate    schedule.Gate
}

// task runs t on hs and gives the hosts that are still live.
func (w *walk) task(hs []*host, t *playbook.Task) []*host {
	if !w.selected(t.Tags) {
		return hs
	}
	hs = w.start(hs, t, false)
	return w.flushAsked(hs)
}

// flushAsked flushes the handlers of the hosts on which meta asked for it.
func (w *walk) flushAsked(hs []*host) []*host {
	var asked []*host
	for _, h := range hs {
		if h.flush {
			h.flush = false
			asked = append(asked, h)
		}
	}
	if len(asked) == 0 {
		return hs
	}
	w.flush(asked)
	return live(hs)
}

// start opens the task and runs it on hs, or on the first of them for all.
func (w *walk) start(hs []*host, t *playbook.Task, handler bool) []*host {
	first := w.view(hs[0], t)
	j := &job{walk: w, Task: t, id: w.ids.next(), handler: handler, gate: w.gate(t, first.Whole(t.Flow.Throttle))}
	once := first.Truth(t.Flow.RunOnce) && w.play.Rollout.Strategy != "free"
	n := len(hs)
	if once {
		n = 1
	}
	start := event.TaskStart{ID: j.id, Play: w.title, Task: first.Title(t), Module: t.Module, Pos: t.Pos, Handler: handler, Hosts: n}
	if t.Role != nil {
		start.Role = t.Role.Name
	}
	w.out.Report(start)
	if once {
		return j.once(hs)
	}
	return j.all(hs)
}

// gate lets as many hosts as throttle says into t at once.
func (w *walk) gate(t *playbook.Task, width int) schedule.Gate {
	if width <= 0 || w.play.Rollout.Strategy != "free" {
		return schedule.NewGate(width)
	}
	g, _ := w.gates.LoadOrStore(t, schedule.NewGate(width))
	return g.(schedule.Gate)
}

// all runs the task on every host of hs.
func (j *job) all(hs []*host) []*host {
	begun := j.each(j.soft, hs, func(i int) {
		if j.gate.Enter(j.soft) == nil {
			defer j.gate.Leave()
			j.run(hs[i])
		} else {
			hs[i].over = true
		}
	})
	for _, h := range hs[begun:] {
		h.over = true // interrupted before it began
	}
	return j.settle(hs)
}

// once runs the task on the first host and gives all others its outcome.
func (j *job) once(hs []*host) []*host {
	if j.each(j.soft, hs[:1], func(int) { j.run(hs[0]) }) == 0 {
		return nil
	}
	for _, h := range hs[1:] {
		if hs[0].fail != nil {
			h.fail = hs[0].fail
		} else if j.Register != "" {
			h.set.put(map[string]any{j.Register: hs[0].set.vars()[j.Register]})
		}
		if facts := hs[0].shared; facts != nil {
			h.set.put(facts)
		}
	}
	return j.settle(hs)
}

// run runs the task on h and keeps what comes of it.
func (j *job) run(h *host) {
	h.shared = nil
	maybe := j.Doubt
	if j.handler {
		maybe = h.notice[j.Task]
		delete(h.notice, j.Task)
	}
	ctx, cancel := context.WithCancel(j.hard)
	defer cancel()
	a := &attempt{job: j, host: h, ctx: ctx, view: j.view(h, j.Task)}
	a.task(maybe)
}

// settle gives the hosts that go on, after the play's limits for failures.
func (j *job) settle(hs []*host) []*host {
	ok := live(hs)
	if len(ok) == len(hs) {
		return ok
	}
	var bad *failure
	for _, h := range hs {
		if h.fail != nil {
			bad = h.fail
		}
	}
	if bad != nil && j.view(hs[0], j.Task).Truth(j.Flow.AnyErrorsFatal) {
		for _, h := range ok {
			h.fail = bad
		}
		if !j.rescued {
			j.aborted.Store(true)
		}
		return nil
	}
	j.limit()
	return ok
}

// limit aborts the batch if more hosts failed than max_fail_percentage allows;
// hosts that cannot be reached do not count.
func (w *walk) limit() {
	if w.maxFail == nil || w.rescued {
		return
	}
	n := 0
	for _, h := range w.hosts {
		if h.fail != nil && !h.fail.unreachable || h.gone == failed {
			n++
		}
	}
	if schedule.TooMany(n, len(w.hosts), *w.maxFail) {
		w.aborted.Store(true)
	}
}

// selected reports whether tags let a task run.
func (e *Engine) selected(tags []string) bool { return playbook.Selected(tags, e.Tags, e.Skip) }

// gather opens the hosts' sessions, which bring their facts along. It is a task
// like any other, so that a host which cannot be reached fails there.
func (w *walk) gather(hs []*host) []*host {
	base := w.playView()
	if w.Facts.Gather != nil && !base.Truth(w.Facts.Gather) {
		return hs
	}
	t := &playbook.Task{Pos: w.Pos, Name: "gather facts", Module: "setup", Spec: w.modules["setup"].Spec(), Keywords: w.Keywords}
	j := &job{walk: w, Task: t, id: w.ids.next()}
	w.out.Report(event.TaskStart{ID: j.id, Play: w.title, Task: "gather facts", Module: t.Module, Pos: t.Pos, Hosts: len(hs)})
	begun := w.each(w.soft, hs, func(i int) {
		a := &attempt{job: j, host: hs[i], ctx: w.hard, view: w.view(hs[i], t)}
		a.gather()
	})
	for _, h := range hs[begun:] {
		h.over = true
	}
	return j.settle(hs)
}

// gather keeps the host's facts as the variable facts.
func (a *attempt) gather() {
	a.out.Report(event.HostStart{ID: a.id, Host: a.host.name})
	v := &verdict{result: map[string]any{}}
	to, err := a.reach(a.host, a.view)
	if err != nil {
		v = a.broken(err)
	} else if facts, werr := a.Fleet.Facts(a.ctx, to); werr != nil {
		a.failWire(v, werr)
		v.settle()
	} else {
		a.keepFacts(facts)
		v.status()
	}
	v.done.ID, v.done.Host = a.id, a.host.name
	a.conclude(v)
}

// keepFacts makes facts the host's variable facts.
func (a *attempt) keepFacts(f *system.Facts) { a.host.facts.put(map[string]any{"facts": factVars(f)}) }

// factVars are f as templates see them: maps and lists with the names that JSON
// gives them. What a host says is data, never a template.
func factVars(f *system.Facts) map[string]any {
	text, err := json.Marshal(f)
	if err != nil {
		return map[string]any{}
	}
	x, err := wire.DecodeValue(text, nil)
	if err != nil {
		return map[string]any{}
	}
	out, _ := x.(map[string]any)
	return out
}
