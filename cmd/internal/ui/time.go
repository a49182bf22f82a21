package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/event"
)

// slowest keeps the tasks that took a host longest.
type slowest struct{ worst map[string]slow }

type slow struct {
	task, host string
	took       time.Duration
}

func (s *slowest) add(task string, d event.Done) {
	if s.worst == nil {
		s.worst = map[string]slow{}
	}
	if d.Elapsed > s.worst[task].took {
		s.worst[task] = slow{task, d.Host, d.Elapsed}
	}
}

// top are the n slowest tasks that took more than a tenth of a second.
func (s *slowest) top(n int) (out []slow) {
	for _, w := range s.worst {
		if w.took > 100*time.Millisecond {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b slow) int { return cmp.Or(cmp.Compare(b.took, a.took), strings.Compare(a.task, b.task)) })
	return out[:min(n, len(out))]
}

// spent is how long a run was at each of its parts: at a role, or at a play's tasks
// outside roles. Time is that of the part whose task began last.
type spent struct {
	now   func() time.Time // nil: nothing is measured
	part  string
	since time.Time
	took  map[string]time.Duration
}

// begin ends the part before; "" is none.
func (s *spent) begin(part string) {
	if s.now == nil || part == s.part {
		return
	}
	now := s.now()
	if s.took == nil {
		s.took = map[string]time.Duration{}
	}
	if s.part != "" {
		s.took[s.part] += now.Sub(s.since)
	}
	s.part, s.since = part, now
}

// partOf is the part of a run that a task belongs to.
func partOf(e event.TaskStart) string {
	switch {
	case e.Role != "":
		return "role " + e.Role
	case e.Module == "setup":
		return "connections and facts"
	}
	return "play " + e.Play
}

// top are the n parts that took longest, of those that took more than a hundredth
// of all.
func (s *spent) top(n int, all time.Duration) (out []slow) {
	for part, took := range s.took {
		if took > all/100 {
			out = append(out, slow{task: part, took: took})
		}
	}
	slices.SortFunc(out, func(a, b slow) int { return cmp.Or(cmp.Compare(b.took, a.took), strings.Compare(a.task, b.task)) })
	return out[:min(n, len(out))]
}

// long is a run of which one wants to know where its time went.
const long = 5 * time.Second

// times says where the time of a run went: at which parts, if it was long and had
// several, and at which tasks.
func (t *Text) times(all time.Duration) string {
	t.spent.begin("")
	var sb strings.Builder
	if parts := t.spent.top(8, all); all > long && len(parts) > 1 {
		sb.WriteString("  where the time went:\n")
		for _, p := range parts {
			fmt.Fprintf(&sb, "    %8s  %2.0f%%  %s\n", round(p.took), 100*p.took.Seconds()/all.Seconds(), t.short(line(p.task), 19))
		}
	}
	for i, s := range t.slow.top(3) {
		if i == 0 {
			sb.WriteString("  slowest tasks:\n")
		}
		host := line(s.host)
		fmt.Fprintf(&sb, "    %8s  %s (%s)\n", round(s.took), t.short(line(s.task), 17+utf8.RuneCountInString(host)), host)
	}
	return sb.String()
}

// round is d as people read times.
func round(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
