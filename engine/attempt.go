package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// attempt is one task on one host.
type attempt struct {
	*job
	host     *host
	ctx      context.Context
	view     *scope.Scope
	element0 map[string]any // the variables of a loop's element, for includes
}

// task runs the task, each item of its loop by itself, and reports what came of
// it. maybe is why it may not run at all, "" if it will.
func (a *attempt) task(maybe string) {
	a.out.Report(event.HostStart{ID: a.id, Host: a.host.name})
	start := time.Now()
	var v *verdict
	if a.Loop == nil {
		v = a.item(maybe)
	} else {
		v = a.loop(maybe)
	}
	v.done.ID, v.done.Host, v.done.Elapsed = a.id, a.host.name, time.Since(start)
	a.conclude(v)
}

// item is one pass: conditions first, then the module, until it is done.
func (a *attempt) item(maybe string) *verdict {
	run, why, cond, err := a.view.All(a.When)
	switch {
	case err != nil && maybe == "":
		return a.broken(err)
	case err != nil:
		return a.vague(maybe)
	case !run:
		return a.skipped(cond)
	case maybe == "":
		maybe = why
	}
	if a.Retry == nil {
		return a.apply(maybe)
	}
	return a.retry(maybe)
}

// skipped is the verdict for a condition that was false.
func (a *attempt) skipped(cond string) *verdict {
	v := &verdict{result: map[string]any{"changed": false, "skipped": true, "failed": false, "skip_reason": "Conditional result was False", "false_condition": cond}}
	v.done.Status, v.done.Why = event.Skipped, cond
	return v
}

// vague is the verdict for a task of which nothing is known but that it may run.
func (a *attempt) vague(why string) *verdict {
	v := &verdict{vague: &unknown.Value{Why: why}, result: map[string]any{}}
	v.done.Status, v.done.Why = event.Unknown, why
	return v
}

// loop runs the task for every element of its list. A failing element does not
// stop the others.
func (a *attempt) loop(maybe string) *verdict {
	items, u, err := a.items()
	if err != nil {
		if run, why, cond, cerr := a.view.All(a.When); cerr == nil && !run {
			return a.skipped(cond)
		} else if cerr == nil && maybe+why != "" {
			return a.unknownItem(why+maybe, unknown.Value{Why: why + maybe})
		}
		return a.broken(err)
	}
	if u != nil {
		return a.unknownItem(u.Why, *u)
	}
	sum := newSum(len(items))
	for i := range items {
		if a.soft.Err() != nil && i > 0 || !a.pause(i) {
			break
		}
		sum.add(a.element(items, i, maybe))
		if a.host.over {
			break
		}
	}
	return sum.verdict()
}

// element is one pass of a loop.
func (a *attempt) element(all []any, i int, maybe string) *verdict {
	in, item := *a, all[i]
	in.view = a.view.With(a.Loop.Vars(all, i))
	start := time.Now()
	v := in.item(maybe)
	v.result[a.Loop.Name()] = item
	v.result["ansible_loop_var"] = a.Loop.Name()
	d := v.done
	d.ID, d.Host, d.Loop, d.Item, d.Elapsed = a.id, a.host.name, true, in.label(item), time.Since(start)
	d.Message = message(v)
	if v.fail != nil {
		d.Ignored, d.Rescued = in.ignored(v), a.rescued
	}
	d.Hidden = in.view.Truth(a.Flow.NoLog)
	a.out.Report(d)
	return v
}

// unknownItem runs the task with an item that is known after apply, so that what
// it may change is unknown from here on.
func (a *attempt) unknownItem(why string, item unknown.Value) *verdict {
	in := *a
	in.view = a.view.With(map[string]any{a.Loop.Name(): item})
	v := in.item(why)
	v.vague = &unknown.Value{Why: why}
	return v
}

// items is the list of a loop; u is set if it is not known.
func (a *attempt) items() (out []any, u *unknown.Value, err error) {
	x, err := a.view.Resolve(a.Loop.Over)
	if err != nil {
		return nil, nil, err
	}
	if v, ok := x.(unknown.Value); ok {
		return nil, &v, nil
	}
	out, ok := a.Loop.Elements(x)
	if !ok {
		return nil, nil, a.problem("loop is not a list", fmt.Sprintf("it is %s", template.Describe(x)), "")
	}
	return out, nil, nil
}

// label is how an element is shown.
func (a *attempt) label(item any) string {
	if a.Loop.Label != nil {
		return a.view.Text(a.Loop.Label)
	}
	return template.Label(item)
}

// pause waits between elements; false if the run was interrupted meanwhile.
func (a *attempt) pause(i int) bool {
	if i == 0 || a.Loop.Pause == nil || a.Check {
		return true
	}
	return a.sleep(a.view.Seconds(a.Loop.Pause, 0))
}

// sleep waits for d; false if the run was interrupted meanwhile.
func (a *attempt) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-a.soft.Done():
		return false
	}
}

// retry applies the task until it is done, at most retries+1 times. A check
// tries once: nothing would change between two tries.
func (a *attempt) retry(maybe string) *verdict {
	left, delay := a.view.WholeOr(a.Retry.Retries, 3), a.view.Seconds(a.Retry.Delay, 5*time.Second)
	for n := 1; ; n++ {
		v := a.apply(maybe)
		done, err := a.finished(v)
		if err != nil {
			return a.broken(err)
		}
		v.result["attempts"] = n
		if done || a.Check || a.host.over || v.fail != nil && v.fail.unreachable {
			return v
		}
		if left == 0 || a.soft.Err() != nil {
			v.result["attempts"] = max(1, n-1)
			a.exhausted(v)
			return v
		}
		a.out.Report(event.Retry{ID: a.id, Host: a.host.name, Attempt: n, Left: left})
		if !a.sleep(delay) {
			a.exhausted(v)
			return v
		}
		left--
	}
}

// finished tests until; without one a task is done when it does not fail.
func (a *attempt) finished(v *verdict) (bool, error) {
	if len(a.Retry.Until) == 0 || v.vague != nil {
		return v.fail == nil, nil
	}
	ok, why, _, err := a.judging(v).All(a.Retry.Until)
	return ok && why == "", err
}

// exhausted fails v, unless failed_when has said otherwise.
func (a *attempt) exhausted(v *verdict) {
	v.result["failed"] = true
	if v.fail != nil || len(a.FailedWhen) > 0 {
		return
	}
	a.fail(v, "until did not come true: "+texts(a.Retry.Until), "")
}

func texts(cs []playbook.Cond) (s string) {
	for i, c := range cs {
		if i > 0 {
			s += ", "
		}
		s += c.String()
	}
	return s
}

// unknowable is u's reason, "" for nil.
func unknowable(u *unknown.Value) string {
	if u == nil {
		return ""
	}
	return u.Why
}
