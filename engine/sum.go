package engine

import (
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/unknown"
)

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
