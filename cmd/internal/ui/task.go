package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/event"
)

// task is what has come of one task so far.
type task struct {
	event.TaskStart
	printed bool
	tried   int // the most attempts of a host that were told
	left    int
	done    []event.Done // waiting to be folded with others alike
	items   []event.Done // the same, of the items of a loop
}

// done keeps what a host says until all hosts of the task are through, so that
// hosts alike share a line.
func (t *Text) done(d event.Done) {
	k := t.tasks[d.ID]
	if k == nil {
		return
	}
	if d.Loop {
		k.items = append(k.items, d)
		return
	}
	t.slow.add(k.Task, d)
	k.done = append(k.done, d)
	t.Bar.done(d)
	if k.left--; k.left == 0 {
		t.close(k)
	}
}

// flush closes every task that is still open, in order.
func (t *Text) flush() {
	for _, id := range t.order {
		if k := t.tasks[id]; k != nil {
			t.close(k)
		}
	}
	t.order = nil
}

// close prints a task's outcomes, hosts that share one folded, the items of its
// loop first.
func (t *Text) close(k *task) {
	delete(t.tasks, k.ID)
	t.inOrder(k.items)
	t.inOrder(k.done)
	for _, items := range byItem(k.items) {
		for _, g := range t.fold(items) {
			if t.Verbose == 0 && g.message == "" && (g.status == event.OK || g.status == event.Skipped) {
				continue
			}
			t.head(k)
			t.group(g, label(items[0]))
		}
	}
	for _, g := range t.fold(k.done) {
		if g.status == event.Skipped && t.Verbose < 2 {
			continue
		}
		if len(k.items) > 0 {
			g.changes = nil // the items have told them
		}
		t.head(k)
		t.group(g, "")
	}
}

// byItem sorts what hosts say by the item of the loop, in order of appearance.
func byItem(ds []event.Done) (out [][]event.Done) {
	at := map[string]int{}
	for _, d := range ds {
		i, seen := at[label(d)]
		if !seen {
			i = len(out)
			at[label(d)] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], d)
	}
	return out
}

// label names an item, on one line.
func label(d event.Done) string {
	if d.Hidden {
		return "  (item hidden)"
	}
	return "  (item " + line(d.Item) + ")"
}

// head prints a task's title once.
func (t *Text) head(k *task) {
	if k.printed {
		return
	}
	k.printed = true
	name := line(k.Task)
	if k.Role != "" {
		name = line(k.Role) + " : " + name
	}
	kind := "task"
	if k.Handler {
		kind = "handler"
	}
	where := ""
	if t.Verbose >= 1 && k.Pos.File != "" {
		where = t.paint(dim, "  "+line(k.Pos.String()))
	}
	t.print(fmt.Sprintf("%s %s%s\n", kind, t.paint(bold, name), where))
}

func (t *Text) group(g group, item string) {
	status, color := string(g.status), colors[g.status]
	switch {
	case g.ignored:
		status, color = "ignored", yellow
	case g.rescued:
		status, color = "rescued", yellow
	}
	lead := fmt.Sprintf("%-12s", status+":")
	rest := item
	if g.delegate != "" {
		rest += " -> " + line(g.delegate)
	}
	s := "  " + t.paint(color, lead) + " " + t.fit(g.hosts, 3+len(lead)+utf8.RuneCountInString(rest)) + rest
	if why := t.because(g); why != "" {
		s += t.paint(dim, "  ("+why+")")
	}
	if t.Verbose >= 3 {
		s += t.paint(dim, fmt.Sprintf("  [%s, %v at most]", count(g.trips, "round trip", "round trips"), g.slowest.Round(time.Microsecond)))
	}
	t.print(s + "\n" + t.body(g))
}

// because says why an outcome is what it is.
func (t *Text) because(g group) string {
	switch {
	case g.ignored && g.fail != nil && t.Verbose == 0: // else the body tells it
		return clip(line(strings.TrimPrefix(g.fail.Module+": ", ": ") + g.fail.Text))
	case g.why == "":
		return ""
	case g.status == event.Unknown:
		return "depends on " + line(g.why) + ", known after apply"
	case g.status == event.Skipped:
		return line(g.why) + " is false"
	}
	return line(g.why)
}

// maxHosts is the most hosts that are named on a line of any width.
const maxHosts = 12

// fit is hosts as one short text beside used columns.
func (t *Text) fit(hosts []string, used int) string {
	most := maxHosts
	for t.Width > 0 && most > 2 && used+utf8.RuneCountInString(Fold(hosts, most)) > t.Width {
		most--
	}
	return Fold(hosts, most)
}

// Fold is hosts as one short text: the first few, and how many more.
func Fold(hosts []string, most int) string {
	if len(hosts) <= most {
		return line(strings.Join(hosts, " "))
	}
	return fmt.Sprintf("%s ... and %d more", line(strings.Join(slices.Clone(hosts[:most-1]), " ")), len(hosts)-most+1)
}

// inOrder brings outcomes into the order of the play's hosts; those of one host
// stay in theirs.
func (t *Text) inOrder(done []event.Done) {
	slices.SortStableFunc(done, func(a, b event.Done) int { return t.place[a.Host] - t.place[b.Host] })
}
