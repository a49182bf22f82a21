package engine

import (
	"maps"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

type playbookArgs = playbook.Args

// effect is what a module of the controller asks the engine for: set_fact's
// variables, meta's action, a wait for the connection.
func (a *attempt) effect(plan *module.Plan, maybe string) *wire.Error {
	switch a.Module {
	case "set_fact":
		a.setFact(plan.Output, maybe)
	case "meta":
		if maybe == "" {
			a.meta(plan.Output["action"])
		}
	}
	if plan.Reconnect != nil && !a.Check {
		to, err := a.target()
		if err != nil {
			return &wire.Error{Kind: wire.Failed, Text: err.Error()}
		}
		return a.Fleet.Await(a.ctx, to, wire.Reconnect(*plan.Reconnect))
	}
	return nil
}

// setFact sets variables of the host; under an unknown condition they are unknown.
func (a *attempt) setFact(out map[string]any, maybe string) {
	facts, _ := out["ansible_facts"].(map[string]any)
	if maybe != "" {
		facts = maps.Clone(facts)
		for k := range facts {
			facts[k] = unknown.Value{Why: maybe}
		}
	}
	a.host.set.put(facts)
	a.host.shared = facts
}

// meta does what concerns one host. flush_handlers, which concerns the whole
// batch, is done by the walk.
func (a *attempt) meta(action any) {
	switch action {
	case "flush_handlers":
		a.host.flush = true
	case "end_host":
		a.host.over = true
	case "end_play", "end_batch":
		for _, h := range a.hosts {
			h.over = true
		}
		if action == "end_play" {
			a.ended.Store(true)
		}
	case "clear_facts":
		a.host.facts.clear()
	case "clear_host_errors":
		for _, h := range a.hosts {
			h.fail, h.gone = nil, alive
		}
	case "reset_connection":
		if to, err := a.target(); err == nil {
			a.Fleet.Reset(to.Name)
		}
	}
}
