package engine

import (
	"time"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/unknown"
)

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
