package ui

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/gokube/gokube/engine/event"
)

// Bar is the progress line of a play on a terminal. The nil Bar shows nothing.
type Bar struct {
	w       io.Writer
	width   int
	bar     *progressbar.ProgressBar
	running map[string]bool
	tasks   int
	begun   int
	title   string
}

// NewBar writes to a terminal of the given width.
func NewBar(w io.Writer, width int) *Bar { return &Bar{w: w, width: width, running: map[string]bool{}} }

// play begins a play: its tasks on all its hosts.
func (b *Bar) play(e event.PlayStart) {
	if b == nil {
		return
	}
	b.close()
	b.tasks, b.begun = e.Tasks, 0
	if len(e.Hosts) == 0 {
		return
	}
	b.bar = progressbar.NewOptions(max(1, e.Tasks*len(e.Hosts)), progressbar.OptionSetWriter(b.w), progressbar.OptionSetWidth(max(10, b.width/4)),
		progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(65e6), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(true))
}

// task shows the task that began.
func (b *Bar) task(e event.TaskStart) {
	if b == nil || b.bar == nil {
		return
	}
	b.begun++
	b.title = line(e.Task)
	if most, runes := b.width/2, []rune(b.title); most > 8 && len(runes) > most {
		b.title = string(runes[:most-1]) + "…"
	}
	b.describe()
}

func (b *Bar) host(e event.HostStart) {
	if b == nil || b.bar == nil {
		return
	}
	b.running[e.Host] = true
	b.describe()
}

func (b *Bar) done(d event.Done) {
	if b == nil || b.bar == nil {
		return
	}
	delete(b.running, d.Host)
	_ = b.bar.Add(1) // more than the total, as with includes, is no harm
}

func (b *Bar) describe() {
	b.bar.Describe(fmt.Sprintf("task %d/%d, %d running: %s", b.begun, max(b.tasks, b.begun), len(b.running), b.title))
}

// hide clears the line before something is printed, show brings it back.
func (b *Bar) hide() {
	if b != nil && b.bar != nil {
		_ = b.bar.Clear()
	}
}

func (b *Bar) show() {
	if b != nil && b.bar != nil {
		_ = b.bar.RenderBlank()
	}
}

func (b *Bar) close() {
	if b != nil && b.bar != nil {
		_ = b.bar.Clear()
		b.bar = nil
	}
}
