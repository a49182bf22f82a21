package event

import (
	"slices"
	"sync"

	"github.com/gokube/gokube/engine/change"
)

// Serial is a Reporter for concurrent use over one that is not.
type Serial struct {
	mu sync.Mutex
	to Reporter
}

// NewSerial passes events on to to, one at a time.
func NewSerial(to Reporter) *Serial { return &Serial{to: to} }

// Report passes e on.
func (s *Serial) Report(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.Report(e)
}

// Tally is a Reporter that counts for the recap. Not safe for concurrent use.
type Tally struct {
	hosts map[string]*Recap
	bugs  []string
	next  []string
}

// NewTally has counted nothing.
func NewTally() *Tally { return &Tally{hosts: map[string]*Recap{}} }

// Report counts e: a task by its outcome, changes also of the items of a loop.
func (t *Tally) Report(e Event) {
	d, ok := e.(Done)
	if !ok {
		return
	}
	r := t.hosts[d.Host]
	if r == nil {
		r = &Recap{Host: d.Host, Counts: Counts{Changes: map[change.Action]int{}}}
		t.hosts[d.Host] = r
	}
	for _, c := range d.Changes {
		switch {
		case !c.Counts():
		case c.Certain():
			r.Changes[c.Action]++
		default:
			r.Possible++
		}
	}
	if d.Bug != "" {
		t.bugs = append(t.bugs, d.Bug)
	}
	if d.Next != "" && !d.Hidden && !slices.Contains(t.next, d.Next) {
		t.next = append(t.next, d.Next)
	}
	if !d.Loop {
		r.count(d)
	}
}

func (c *Counts) count(d Done) {
	switch d.Status {
	case Changed:
		c.OK++
		c.Changed++
	case OK:
		c.OK++
	case Skipped:
		c.Skipped++
	case Unknown:
		c.Unknown++
	case Failed, Unreachable:
		c.trouble(d)
	}
}

func (c *Counts) trouble(d Done) {
	switch {
	case d.Ignored:
		c.OK++
		c.Ignored++
	case d.Status == Unreachable:
		c.Unreachable++
	case d.Rescued:
		c.Rescued++
	default:
		c.Failed++
	}
}

// End is the recap of the hosts counted, in the order of names; hosts that are
// not among names come last, sorted.
func (t *Tally) End(names []string) RunEnd {
	end := RunEnd{Bugs: slices.Clone(t.bugs), Next: slices.Clone(t.next)}
	left := map[string]bool{}
	for h := range t.hosts {
		left[h] = true
	}
	add := func(h string) {
		if left[h] {
			delete(left, h)
			end.Hosts = append(end.Hosts, *t.hosts[h])
		}
	}
	for _, h := range names {
		add(h)
	}
	var others []string
	for h := range left {
		others = append(others, h)
	}
	slices.Sort(others)
	for _, h := range others {
		add(h)
	}
	return end
}
