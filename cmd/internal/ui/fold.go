package ui

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/event"
)

// group is an outcome that several hosts share.
type group struct {
	status            event.Status
	ignored, rescued  bool
	hidden            bool
	hosts             []string
	why, note         string
	message, delegate string
	changes           []change.Change
	fail              *event.Failure
	trips             int
	slowest           time.Duration
}

// statuses is the order in which outcomes are shown: quiet ones first.
var statuses = []event.Status{event.OK, event.Skipped, event.Changed, event.Unknown, event.Failed, event.Unreachable}

// fold groups hosts whose outcome shows alike, in the order of statuses.
func (t *Text) fold(done []event.Done) (out []group) {
	for _, s := range statuses {
		at := map[string]int{}
		for _, d := range done {
			if d.Status != s {
				continue
			}
			key := t.alike(d)
			i, seen := at[key]
			if !seen {
				i = len(out)
				at[key] = i
				out = append(out, group{status: s, ignored: d.Ignored, rescued: d.Rescued, hidden: d.Hidden, why: d.Why, note: d.Note,
					message: d.Message, delegate: d.Delegate, changes: d.Changes, fail: d.Err})
				if d.Hidden {
					out[i].message, out[i].note, out[i].why, out[i].changes = "", "", "", nil
					out[i].fail = hide(d.Err)
				}
			}
			g := &out[i]
			g.hosts = append(g.hosts, d.Host)
			g.trips += d.Trips
			g.slowest = max(g.slowest, d.Elapsed)
		}
	}
	return out
}

// alike is equal for outcomes that show alike: failures too, whatever their host.
func (t *Text) alike(d event.Done) string {
	if d.Hidden {
		return fmt.Sprint(d.Ignored, d.Rescued, d.Delegate, d.Err == nil)
	}
	fail := d.Err
	if fail != nil {
		f := *fail
		f.Host, fail = "", &f
	}
	shown := []any{d.Ignored, d.Rescued, d.Why, d.Message, d.Delegate, fail}
	if t.Verbose >= 1 {
		shown = append(shown, d.Note)
	}
	switch {
	case t.Diff:
		shown = append(shown, d.Changes)
	case t.titled():
		for _, c := range d.Changes {
			shown = append(shown, t.title(c))
		}
	}
	key, err := json.Marshal(shown)
	if err != nil {
		return d.Host
	}
	return string(key)
}
