package engine

import (
	"encoding/json"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

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
