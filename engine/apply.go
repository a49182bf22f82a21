package engine

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/prepare"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// apply runs the module once: on the host, or on the controller.
func (a *attempt) apply(maybe string) *verdict {
	args, err := a.prepare.Args(prepare.Task{Spec: a.Spec, Args: a.arguments(), Search: a.Search, Maybe: maybe, Host: a.host.name, Look: a.look}, a.view)
	if err != nil {
		return a.broken(err)
	}
	if a.Spec.Where == module.OnController {
		return a.control(args, maybe)
	}
	req := &wire.Request{Task: a.view.Title(a.Task), Module: a.Module, Args: args, Maybe: maybe}
	if err := a.setting(req); err != nil {
		return a.broken(err)
	}
	to, err := a.target()
	if err != nil {
		return a.broken(err)
	}
	req.Become = to.Become
	r := a.send(to, req)
	if r.Err == nil && r.Reconnect != nil && !a.Check {
		r.Err = a.Fleet.Await(a.ctx, to, *r.Reconnect)
	}
	if r.Err == nil && r.Facts && !a.Check {
		r.Err = a.refresh(to)
	}
	v := a.judge(r)
	v.done.Trips = 1
	if to.Name != a.host.name {
		v.done.Delegate = to.Name
	}
	return v
}

// arguments are the task's over module_defaults.
func (a *attempt) arguments() (args playbook.Args) {
	args = a.Args
	if len(a.Defaults) == 0 {
		return args
	}
	values := map[string]any{}
	for _, d := range a.Defaults {
		if m, ok := d[a.Module].(map[string]any); ok {
			maps.Copy(values, m)
		}
	}
	maps.Copy(values, args.Values)
	args.Values = values
	return args
}

// setting fills in what keywords say about how the task is run.
func (a *attempt) setting(req *wire.Request) error {
	req.Timeout = a.view.Seconds(a.Flow.Timeout, 0)
	if a.Flow.CheckMode != nil {
		on := a.view.Truth(a.Flow.CheckMode)
		if on != a.Check {
			req.Check = &on
		}
	}
	env := map[string]string{}
	for _, e := range a.Environment {
		x, err := a.view.Resolve(e)
		if err != nil {
			return err
		}
		m, ok := x.(map[string]any)
		if !ok {
			return a.problem("environment is not a map", "", "write NAME: value")
		}
		for k, v := range m {
			env[k] = a.view.Text(v)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(env)) {
		req.Env = append(req.Env, k+"="+env[k])
	}
	return nil
}

// target is the host that does the task, and how it is reached: delegate_to's,
// with the connection that its own variables say, or the task's.
func (a *attempt) target() (fleet.Target, error) {
	if a.Spec.Where == module.AtController {
		return a.controller()
	}
	if a.Delegate == nil {
		return a.reach(a.host, a.view)
	}
	x, err := a.view.Resolve(a.Delegate)
	if err != nil {
		return fleet.Target{}, err
	}
	name, ok := x.(string)
	if !ok || name == "" {
		return fleet.Target{}, a.problem("delegate_to is no host", fmt.Sprint(x), "")
	}
	other := a.other(name)
	return a.reach(other, a.walk.view(other, a.Task))
}

// refresh gathers the host's facts anew.
func (a *attempt) refresh(to fleet.Target) *wire.Error {
	facts, err := a.Fleet.Facts(a.ctx, to)
	if err == nil {
		a.keepFacts(facts)
	}
	return err
}

// control runs a module of the controller: it looks at nothing but its arguments.
func (a *attempt) control(args module.Args, maybe string) *verdict {
	start := time.Now()
	if u, ok := unknown.In(map[string]any(args)); ok && a.Module != "set_fact" && a.Module != "debug" {
		return a.vague(u.Why)
	}
	plan, err := a.modules[a.Module].Plan(a.ctx, nil, args)
	r := &wire.Result{Elapsed: time.Since(start)}
	switch {
	case err != nil && maybe != "":
		return a.vague(maybe)
	case err != nil:
		r.Err = &wire.Error{Kind: wire.Failed, Text: err.Error()}
	default:
		r.Output, r.Note, r.Next = plan.Output, plan.Note, plan.Next
	}
	if r.Err == nil {
		r.Err = a.effect(plan, maybe)
	}
	if r.Err == nil && maybe != "" {
		return a.vague(maybe)
	}
	return a.judge(r)
}

// problem is an error at the task's place.
func (a *attempt) problem(summary, detail, hint string) error {
	return diag.Diagnostic{Pos: a.Pos, Summary: summary, Detail: detail, Hint: hint}
}

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
