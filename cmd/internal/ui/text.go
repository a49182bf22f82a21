package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/event"
)

// TextOptions say what of a run is shown as text.
type TextOptions struct {
	Style
	Diff    bool
	Verbose int  // -v: notes and messages of ok tasks, -vv: skipped too, -vvv: round trips and timings
	Bar     *Bar // nil: no progress bar
}

// Text is a Reporter that writes for people. Not safe for concurrent use.
type Text struct {
	TextOptions
	w     io.Writer
	check bool
	tasks map[int]*task
	order []int
	slow  slowest
}

// task is what has come of one task so far.
type task struct {
	event.TaskStart
	printed bool
	left    int
	began   time.Time
	done    []event.Done // waiting to be folded with others alike
}

// NewText writes to w.
func NewText(w io.Writer, o TextOptions) *Text {
	return &Text{TextOptions: o, w: w, tasks: map[int]*task{}}
}

// Report shows e.
func (t *Text) Report(e event.Event) {
	switch e := e.(type) {
	case event.RunStart:
		t.check = e.Check
	case event.PlayStart:
		t.play(e)
	case event.TaskStart:
		t.tasks[e.ID] = &task{TaskStart: e, left: e.Hosts, began: time.Now()}
		t.order = append(t.order, e.ID)
		t.Bar.task(e)
	case event.HostStart:
		t.Bar.host(e)
	case event.Done:
		t.done(e)
	case event.Retry:
		t.print(fmt.Sprintf("  %s\n", t.paint(yellow, fmt.Sprintf("retrying: [%s]: attempt %d did not succeed, %d left", e.Host, e.Attempt, e.Left))))
	case event.HostState:
		t.state(e)
	case event.Warning:
		t.warning(e)
	case event.RunEnd:
		t.flush()
		t.Bar.close()
		t.recap(e)
	}
}

// print writes above the progress bar.
func (t *Text) print(s string) {
	t.Bar.hide()
	io.WriteString(t.w, s)
	t.Bar.show()
}

func (t *Text) play(e event.PlayStart) {
	t.flush()
	what := fmt.Sprintf("play %s", line(e.Play))
	if e.Of > 1 {
		what += fmt.Sprintf(" (batch %d of %d)", e.Batch, e.Of)
	}
	switch len(e.Hosts) {
	case 0:
		what += ": no hosts"
	case 1:
		what += " on " + e.Hosts[0]
	default:
		what += fmt.Sprintf(" on %d hosts", len(e.Hosts))
	}
	t.print("\n" + t.paint(bold, what) + "\n")
	t.Bar.play(e)
}

func (t *Text) state(e event.HostState) {
	if e.State == "lost" || e.State == "reconnected" || t.Verbose >= 3 {
		t.print(t.paint(dim, fmt.Sprintf("  %s: %s %s", e.Host, e.State, line(e.Text))) + "\n")
	}
}

func (t *Text) warning(e event.Warning) {
	place := ""
	if e.Pos.File != "" {
		place = e.Pos.String() + ": "
	}
	t.print(t.paint(yellow, "warning: "+place+line(e.Text)) + "\n")
}

// done shows what stands out at once, and keeps the rest until all hosts of the
// task are through.
func (t *Text) done(d event.Done) {
	k := t.tasks[d.ID]
	if k == nil {
		return
	}
	if d.Loop {
		t.item(k, d)
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

// head prints a task's title once.
func (t *Text) head(k *task) {
	if k.printed {
		return
	}
	k.printed = true
	name := line(k.Task)
	if k.Role != "" {
		name = k.Role + " : " + name
	}
	kind := "task"
	if k.Handler {
		kind = "handler"
	}
	where := ""
	if t.Verbose >= 1 && k.Pos.File != "" {
		where = t.paint(dim, "  "+k.Pos.String())
	}
	t.print(fmt.Sprintf("%s %s%s\n", kind, t.paint(bold, name), where))
}

// close prints a task's outcomes, hosts that share one folded.
func (t *Text) close(k *task) {
	delete(t.tasks, k.ID)
	groups := fold(k.done)
	for _, g := range groups {
		if g.status == event.Skipped && t.Verbose < 2 {
			continue
		}
		t.head(k)
		t.group(k, g)
	}
}

func (t *Text) group(k *task, g group) {
	status := string(g.status)
	if g.ignored {
		status += " (ignored)"
	}
	s := fmt.Sprintf("  %s %s", t.paint(colors[g.status], fmt.Sprintf("%-9s", status+":")), Fold(g.hosts, 8))
	if g.delegate != "" {
		s += " -> " + g.delegate
	}
	if g.why != "" {
		s += t.paint(dim, "  ("+line(g.why)+")")
	}
	if t.Verbose >= 3 {
		s += t.paint(dim, fmt.Sprintf("  [%d round trips, %v at most]", g.trips, g.slowest.Round(time.Microsecond)))
	}
	t.print(s + "\n" + t.body(g))
}

// body is what an outcome says beyond its line.
func (t *Text) body(g group) string {
	var sb strings.Builder
	if g.fail != nil {
		sb.WriteString(t.failure(g.fail))
	}
	if g.hidden {
		return sb.String()
	}
	for _, c := range g.changes {
		switch {
		case t.Diff:
			sb.WriteString(t.diff(c))
		case t.check || t.Verbose >= 1:
			sb.WriteString(t.title(c) + "\n")
		}
	}
	if g.message != "" {
		sb.WriteString("    " + strings.ReplaceAll(strings.TrimRight(Clean(g.message), "\n"), "\n", "\n    ") + "\n")
	}
	if g.note != "" && t.Verbose >= 1 {
		sb.WriteString(t.paint(dim, "    "+line(g.note)) + "\n")
	}
	return sb.String()
}

// failure is all that helps to mend it.
func (t *Text) failure(f *event.Failure) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "    %s\n", t.paint(red, line(f.Error())))
	for _, out := range []struct{ name, text string }{{"stdout", f.Stdout}, {"stderr", f.Stderr}} {
		if text := strings.TrimSpace(Clean(out.text)); text != "" {
			lines := strings.Split(text, "\n")
			keep := lines[max(0, len(lines)-12):]
			fmt.Fprintf(&sb, "    %s:\n      %s\n", out.name, strings.Join(keep, "\n      "))
		}
	}
	if f.Hint != "" {
		sb.WriteString("    " + line(f.Hint) + "\n")
	}
	return sb.String()
}

// item shows one element of a loop: only what changed, failed or is not known,
// unless asked for more.
func (t *Text) item(k *task, d event.Done) {
	quiet := d.Status == event.OK || d.Status == event.Skipped
	if quiet && t.Verbose == 0 && d.Message == "" {
		return
	}
	g := fold([]event.Done{d})[0]
	t.head(k)
	label := line(d.Item)
	if d.Hidden {
		label = "(hidden)"
	}
	t.print(fmt.Sprintf("  %s %s (%s)\n%s", t.paint(colors[d.Status], fmt.Sprintf("%-9s", string(d.Status)+":")), d.Host, label, t.body(g)))
}

// Fold is hosts as one short text: the first few, and how many more.
func Fold(hosts []string, most int) string {
	if len(hosts) <= most {
		return strings.Join(hosts, " ")
	}
	return fmt.Sprintf("%s ... and %d more", strings.Join(slices.Clone(hosts[:most-1]), " "), len(hosts)-most+1)
}
