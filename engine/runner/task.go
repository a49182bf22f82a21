package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// task is one request at work.
type task struct {
	*wire.Request
	module module.Module
	real   system.System    // the host as the task's user
	over   *overlay.Overlay // where it is predicted; nil if it is applied
	verify bool
	result *wire.Result
}

// plan is what the module says of the host as s shows it.
func (t *task) plan(ctx context.Context, s system.System) (*module.Plan, error) {
	p, err := t.module.Plan(ctx, system.ReadOnly(withEnv(s, t.Env)), t.Args)
	if err == nil && p == nil {
		p = &module.Plan{}
	}
	return p, err
}

// apply plans on the host and applies to it. If a step finds that someone else has
// made or changed its target since the plan, the module looks once more.
func (t *task) apply(ctx context.Context) error {
	if u, ok := unknown.In(t.Args); ok {
		return u
	}
	s := withEnv(t.real, t.Env)
	v := &verifier{System: s}
	if t.verify {
		s = v
	}
	err := t.attempt(ctx, s)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, system.ErrChanged) {
		taken := t.result.Changes[:t.result.Done]
		err = t.attempt(ctx, s)
		t.result.Changes = append(taken, t.result.Changes...)
		t.result.Done += len(taken)
	}
	if t.verify && err == nil && t.result.Reconnect == nil {
		t.result.Bug = t.bug(ctx, v)
	}
	return err
}

// attempt is one plan and its steps.
func (t *task) attempt(ctx context.Context, s system.System) error {
	r := t.result
	r.Changes, r.Done = nil, 0
	p, err := t.plan(ctx, t.real)
	if err != nil {
		t.tell(p)
		return err
	}
	r.Changes, r.Note = p.Changes(), p.Note
	r.Done, err = p.Apply(ctx, s)
	r.Output = settled(p.Output)
	if r.Facts = p.Facts; err == nil {
		r.Next = p.Next
	}
	if w := p.Reconnect; w != nil && err == nil {
		r.Reconnect = &wire.Reconnect{Timeout: w.Timeout, Delay: w.Delay, NewBoot: w.NewBoot}
	}
	return err
}

// check is apply on the overlay, where answers may be unknown. A plan made from
// such answers is possible only; if it is empty or an error it says nothing.
func (t *task) check(ctx context.Context) error {
	t.over.Task(t.Maybe)
	if u, ok := t.module.Spec().Args.Unknown(t.Args); ok {
		return t.opaque(u)
	}
	p, err := t.plan(ctx, t.over)
	doubt := t.over.Doubt()
	if doubt != nil && (err != nil || len(p.Steps) == 0) {
		return t.opaque(*doubt)
	}
	if u, ok := unknown.Of(err); ok { // an argument that is not known, which the plan does need
		return t.opaque(u)
	}
	if err != nil {
		t.tell(p)
		return t.fails(ctx, err)
	}
	t.mark(p, doubt)
	r := t.result
	r.Changes, r.Note = p.Changes(), p.Note
	if r.Done, err = p.Predict(ctx, withEnv(t.over, t.Env)); err != nil {
		r.Output = settled(p.Output)
		return t.fails(ctx, err)
	}
	if u, ok := p.Blind(); ok {
		t.taint(u)
	}
	r.Output = t.predicted(p.Output, doubt != nil || t.Maybe != "")
	return nil
}

// tell keeps what a plan that failed has found out: what a command that only looks
// has printed, for one.
func (t *task) tell(p *module.Plan) {
	if p != nil {
		t.result.Output = settled(p.Output)
	}
}

// mark says of each step that is not certain why.
func (t *task) mark(p *module.Plan, doubt *unknown.Value) {
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case t.Maybe != "":
			s.Doubt = t.Maybe
		case doubt != nil && !s.Certain:
			s.Doubt = doubt.Why
		}
	}
}

// fails is a failure that is certain, or else a task that may fail. One that was
// cancelled says nothing about the host.
func (t *task) fails(ctx context.Context, err error) error {
	doubt := t.over.Doubt()
	switch {
	case ctx.Err() != nil:
		return err
	case doubt != nil:
		return t.opaque(*doubt)
	case t.Maybe != "":
		return t.opaque(unknown.Value{Why: t.Maybe})
	}
	return err
}

// opaque is a task of which only its targets are known: they may change, and if
// the module promises no more than that, nothing else does.
func (t *task) opaque(why unknown.Value) error {
	t.taint(why)
	*t.result = wire.Result{Unknown: &why}
	return nil
}

// taint makes all that the task may change unknown.
func (t *task) taint(why unknown.Value) {
	keys, all := t.module.Spec().Args.Targets(t.Args)
	t.over.Taint(why.Why, all && t.module.Spec().Contained, keys...)
}

// predicted is an output in which all that a step fills in is unknown, or if
// nothing is sure, every entry.
func (t *task) predicted(output map[string]any, unsure bool) map[string]any {
	out := make(map[string]any, len(output))
	for k, v := range output {
		u := unknown.Value{Why: fmt.Sprintf("%s of task %q", k, t.Task)}
		if unsure {
			out[k] = u
			continue
		}
		out[k], _ = fill(v, func() (any, bool) { return u, true })
	}
	return out
}

// settled is an output without what no step has filled in.
func settled(output map[string]any) map[string]any {
	v, _ := fill(output, func() (any, bool) { return nil, false })
	out, _ := v.(map[string]any)
	return out
}

// fill is v with every Pending at or below it replaced; entries of maps for which
// with reports false are left out, elements of lists are null then.
func fill(v any, with func() (any, bool)) (any, bool) {
	switch v := v.(type) {
	case module.Pending:
		return with()
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if x, ok := fill(e, with); ok {
				out[k] = x
			}
		}
		return out, true
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i], _ = fill(e, with)
		}
		return out, true
	}
	return v, true
}

// bug is how the module broke its contract, "" if it did not.
func (t *task) bug(ctx context.Context, v *verifier) string {
	if t.result.Done == 0 {
		return ""
	}
	name := t.module.Spec().Name
	if v.broken != nil {
		return fmt.Sprintf("module %s: %v", name, v.broken)
	}
	p, err := t.plan(ctx, t.real)
	if err != nil {
		return fmt.Sprintf("module %s: its plan after applying is an error: %v", name, err)
	}
	for _, s := range p.Steps {
		if s.Action != change.Run && s.Action != change.Wait {
			return fmt.Sprintf("module %s: its second plan is not empty: %s %s %s", name, s.Action, s.Kind, s.Target)
		}
	}
	return ""
}
