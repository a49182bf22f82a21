package engine

import (
	"fmt"
	"slices"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// verdict is what came of one pass of a task on one host.
type verdict struct {
	done   event.Done
	result map[string]any // what register stores
	fail   *failure
	vague  *unknown.Value // all of the result is known after apply
	spared bool           // it failed, and failed_when says that this is no failure
}

// judge makes a verdict of what the module's side said.
func (a *attempt) judge(r *wire.Result) *verdict {
	v := &verdict{result: map[string]any{}, vague: r.Unknown}
	for k, x := range r.Output {
		v.result[k] = x
	}
	v.done.Changes, v.done.Note, v.done.Bug = r.Changes, r.Note, r.Bug
	if !a.Check {
		v.done.Next = r.Next
	}
	if r.Err != nil {
		v.done.Changes = r.Changes[:min(r.Done, len(r.Changes))]
		a.failWire(v, r.Err)
	}
	v.status()
	if err := a.rejudge(v); err != nil {
		return a.broken(err)
	}
	v.settle()
	return v
}

// status sets the status from the changes.
func (v *verdict) status() {
	sure, maybe := false, unknowable(v.vague)
	for _, c := range v.done.Changes {
		sure = sure || c.Counts() && c.Certain()
		if maybe == "" && c.Counts() {
			maybe = c.Doubt
		}
	}
	switch {
	case sure:
		v.done.Status, v.result["changed"] = event.Changed, true
	case maybe != "":
		v.done.Status, v.done.Why, v.result["changed"] = event.Unknown, maybe, unknown.Value{Why: maybe}
	default:
		v.done.Status, v.result["changed"] = event.OK, false
	}
	v.result["failed"] = v.fail != nil
}

// rejudge applies changed_when and failed_when, which see the result under the
// name that register gives it. A result that is not known is not judged.
func (a *attempt) rejudge(v *verdict) error {
	if v.vague != nil || v.fail != nil && v.fail.unreachable {
		return nil
	}
	if a.ChangedWhen != nil {
		yes, why, _, err := a.judging(v).All(a.ChangedWhen)
		if err != nil {
			return err
		}
		v.changedWhen(yes, why)
	}
	if a.FailedWhen != nil {
		yes, why, cond, err := a.judging(v).All(a.FailedWhen)
		switch {
		case err != nil:
			return err
		case why != "":
		case yes && v.fail == nil:
			a.fail(v, "failed_when is true: "+cond, "")
		case !yes:
			v.spared, v.fail = v.fail != nil, nil
		}
		v.result["failed_when_result"] = yes
	}
	return nil
}

// changedWhen re-judges opaque Run steps; other changes are counted, not claimed.
func (v *verdict) changedWhen(yes bool, why string) {
	opaque := func(c change.Change) bool { return c.Action == change.Run }
	if slices.ContainsFunc(v.done.Changes, func(c change.Change) bool { return c.Counts() && !opaque(c) }) {
		return
	}
	switch {
	case why != "":
		v.done.Changes = slices.Clone(v.done.Changes)
		for i := range v.done.Changes {
			v.done.Changes[i].Doubt = why
		}
		v.status()
	case !yes:
		v.done.Changes = slices.DeleteFunc(slices.Clone(v.done.Changes), opaque)
		v.status()
	case len(v.done.Changes) == 0:
		v.done.Status, v.result["changed"] = event.Changed, true
	}
}

// settle sets what follows from a failure.
func (v *verdict) settle() {
	v.result["failed"] = v.fail != nil
	if v.result["skipped"] == nil {
		v.result["skipped"] = false
	}
	if v.fail == nil {
		v.done.Err = nil
		if v.done.Status == event.Failed || v.done.Status == event.Unreachable {
			v.status()
		}
		return
	}
	v.fail.result = v.result
	v.done.Err = v.fail.event
	v.done.Status = event.Failed
	if v.fail.unreachable {
		v.done.Status, v.result["unreachable"] = event.Unreachable, true
	}
}

// failWire records a failure on the host.
func (a *attempt) failWire(v *verdict, e *wire.Error) {
	a.fail(v, e.Text, "")
	f := v.fail.event
	f.Stdout, f.Stderr, f.Code = e.Stdout, e.Stderr, e.Code
	f.Hint = e.Hint
	if v.fail.unreachable = e.Kind == wire.Lost; v.fail.unreachable {
		f.Module = ""
	}
	if e.Kind == wire.Command {
		for k, x := range map[string]any{"stdout": e.Stdout, "stderr": e.Stderr, "rc": e.Code} {
			if _, has := v.result[k]; !has {
				v.result[k] = x
			}
		}
	}
}

// fail records a failure of the task on this host.
func (a *attempt) fail(v *verdict, text, hint string) {
	v.result["msg"] = text
	v.fail = &failure{task: a.Task, result: v.result, event: &event.Failure{
		Host: a.host.name, Task: a.view.Title(a.Task), Module: a.Module, Pos: a.Pos, Text: text, Hint: hint,
	}}
	v.settle()
}

// broken is the verdict for a task that could not even be made out.
func (a *attempt) broken(err error) *verdict {
	v := &verdict{result: map[string]any{"changed": false}}
	a.fail(v, err.Error(), "")
	return v
}

// judging is the view in which a result is judged.
func (a *attempt) judging(v *verdict) *scope.Scope {
	if a.Register == "" {
		return a.view.With(map[string]any{"result": v.result})
	}
	return a.view.With(map[string]any{a.Register: v.result, "result": v.result})
}

// ignored reports whether v's failure does not count.
func (a *attempt) ignored(v *verdict) bool {
	if v.fail.unreachable {
		return a.view.Truth(a.Flow.IgnoreUnreachable)
	}
	return a.view.Truth(a.Flow.IgnoreErrors)
}

// conclude keeps the result of the whole task, tells it, and notifies handlers.
func (a *attempt) conclude(v *verdict) {
	if v.fail != nil {
		v.done.Ignored = a.ignored(v)
		v.done.Rescued = a.rescued && !v.fail.unreachable && !v.done.Ignored
	}
	if a.Register != "" {
		var kept any = v.result
		if v.vague != nil {
			kept = *v.vague
		}
		a.host.set.put(map[string]any{a.Register: kept})
	}
	v.done.Hidden = a.view.Truth(a.Flow.NoLog)
	v.done.Output = v.result
	if a.Loop == nil { // of a loop, each element has told its own
		v.done.Message = message(v)
	}
	if v.fail == nil {
		a.notify(v)
	} else if !v.done.Ignored {
		a.host.fail = v.fail
	}
	a.out.Report(v.done)
}

// message is what the task says to people.
func message(v *verdict) string {
	if v.fail != nil || v.vague != nil || v.spared {
		return ""
	}
	if s, ok := v.result["msg"].(string); ok {
		return s
	}
	if x, ok := v.result["msg"]; ok && x != nil {
		return fmt.Sprint(x)
	}
	return ""
}

// sum gathers the verdicts of a loop's elements.
type sum struct {
	results []any
	sure    bool
	why     string
	skipped int
	fail    *failure
	vague   *unknown.Value
}

func newSum(n int) *sum { return &sum{results: make([]any, 0, n)} }

func (s *sum) add(v *verdict) {
	s.results = append(s.results, v.result)
	s.sure = s.sure || v.done.Status == event.Changed
	if v.done.Status == event.Unknown && s.why == "" {
		s.why = v.done.Why
	}
	if v.done.Status == event.Skipped {
		s.skipped++
	}
	if v.fail != nil && s.fail == nil {
		s.fail = v.fail
	}
	if v.vague != nil && s.vague == nil {
		s.vague = v.vague
	}
}

// verdict is that of the whole loop: its changes were told element by element.
func (s *sum) verdict() *verdict {
	v := &verdict{result: map[string]any{"results": s.results, "failed": s.fail != nil, "msg": "All items completed"}, fail: s.fail}
	v.result["changed"], v.result["skipped"] = s.sure, false
	switch {
	case s.sure:
		v.done.Status = event.Changed
	case s.why != "":
		v.done.Status, v.done.Why, v.result["changed"] = event.Unknown, s.why, unknown.Value{Why: s.why}
	case s.skipped == len(s.results):
		v.done.Status, v.result["skipped"], v.result["msg"] = event.Skipped, true, "All items skipped"
		if s.skipped == 0 {
			v.result["skipped_reason"] = "No items in the list"
		}
	default:
		v.done.Status = event.OK
	}
	if s.fail != nil {
		v.result["msg"] = "One or more items failed"
		v.done.Err, v.done.Status = s.fail.event, event.Failed
		if s.fail.unreachable {
			v.done.Status = event.Unreachable
		}
		failed := *s.fail
		failed.result = v.result
		v.fail = &failed
	}
	return v
}
