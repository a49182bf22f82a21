package ui

import (
	"fmt"
	"io"
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
	// Now tells the time, for the recap to say where it went; nil: it does not.
	Now func() time.Time
}

// Text is a Reporter that writes for people. Not safe for concurrent use.
type Text struct {
	TextOptions
	w     io.Writer
	check bool
	tasks map[int]*task
	order []int
	place map[string]int // of hosts in the play
	slow  slowest
	spent spent
}

// NewText writes to w.
func NewText(w io.Writer, o TextOptions) *Text {
	return &Text{TextOptions: o, w: w, tasks: map[int]*task{}, spent: spent{now: o.Now}}
}

// Report shows e.
func (t *Text) Report(e event.Event) {
	switch e := e.(type) {
	case event.RunStart:
		t.check = e.Check
	case event.PlayStart:
		t.play(e)
	case event.TaskStart:
		t.tasks[e.ID] = &task{TaskStart: e, left: e.Hosts}
		t.order = append(t.order, e.ID)
		t.Bar.task(e)
		t.spent.begin(partOf(e))
	case event.HostStart:
		t.Bar.host(e)
	case event.Done:
		t.done(e)
	case event.Retry:
		t.retry(e)
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
func (t *Text) print(s string) { t.Bar.print(t.w, s) }

func (t *Text) play(e event.PlayStart) {
	t.flush()
	t.place = map[string]int{}
	for i, h := range e.Hosts {
		t.place[h] = i
	}
	what := fmt.Sprintf("play %s", line(e.Play))
	if e.Of > 1 {
		what += fmt.Sprintf(" (batch %d of %d)", e.Batch, e.Of)
	}
	switch len(e.Hosts) {
	case 0:
		what += ": no hosts"
	case 1:
		what += " on " + line(e.Hosts[0])
	default:
		what += " on " + count(len(e.Hosts), "host", "hosts")
	}
	t.print("\n" + t.paint(bold, what) + "\n")
	t.Bar.play(e)
}

func (t *Text) state(e event.HostState) {
	if e.State == "lost" || e.State == "reconnected" || t.Verbose >= 3 {
		t.print(t.paint(dim, strings.TrimRight(fmt.Sprintf("  %s: %s: %s", line(e.Host), e.State, line(e.Text)), ": ")) + "\n")
	}
}

// retry is told under the title of its task, of the first host that comes to an
// attempt; of the others with -v.
func (t *Text) retry(e event.Retry) {
	k := t.tasks[e.ID]
	if k == nil || e.Attempt <= k.tried && t.Verbose == 0 {
		return
	}
	k.tried = max(k.tried, e.Attempt)
	t.head(k)
	t.print(fmt.Sprintf("  %s\n", t.paint(yellow, fmt.Sprintf("%-12s %s  (attempt %d did not succeed, %d left)", "retrying:", line(e.Host), e.Attempt, e.Left))))
}

func (t *Text) warning(e event.Warning) {
	place := ""
	if e.Pos.File != "" {
		place = line(e.Pos.String()) + ": "
	}
	t.print(t.paint(yellow, "warning: "+place+line(e.Text)) + "\n")
}
