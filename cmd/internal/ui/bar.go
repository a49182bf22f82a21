package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"

	"github.com/gokube/gokube/engine/event"
)

// Bar is the progress line of a play on a terminal, drawn anew some times a second
// while hosts are at work. The nil Bar shows nothing. It is safe for concurrent use.
type Bar struct {
	w     io.Writer
	width int

	mu     sync.Mutex
	at     progress
	drawn  string // what is on the terminal's last line
	paused int
	stop   chan struct{} // ends the drawing; nil between plays
}

// NewBar writes to a terminal of the given width.
func NewBar(w io.Writer, width int) *Bar { return &Bar{w: w, width: width} }

// often is how often a bar is drawn.
const often = 100 * time.Millisecond

// play begins a play: its tasks on all its hosts.
func (b *Bar) play(e event.PlayStart) {
	if b == nil {
		return
	}
	b.close()
	if len(e.Hosts) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = newProgress(e)
	b.stop = make(chan struct{})
	go b.keep(b.stop)
}

// keep draws the bar until stop is closed.
func (b *Bar) keep(stop chan struct{}) {
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			b.mu.Lock()
			if stop == b.stop {
				b.draw()
			}
			b.mu.Unlock()
		}
	}
}

// draw shows how things are, nothing if no host is at work.
func (b *Bar) draw() {
	line := ""
	if b.paused == 0 && b.stop != nil {
		line = b.at.line(b.width, time.Now())
	}
	if line == b.drawn {
		return
	}
	b.erase()
	io.WriteString(b.w, line)
	b.drawn = line
}

// erase takes the bar off the terminal.
func (b *Bar) erase() {
	if b.drawn != "" {
		io.WriteString(b.w, "\r\x1b[2K")
		b.drawn = ""
	}
}

// change makes do's change to the progress, which is drawn when it is time to.
func (b *Bar) change(do func(p *progress)) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		do(&b.at)
	}
}

func (b *Bar) task(e event.TaskStart) {
	b.change(func(p *progress) { p.task(e, time.Now()) })
}

func (b *Bar) host(e event.HostStart) {
	b.change(func(p *progress) { p.running[e.Host] = true })
}

func (b *Bar) done(d event.Done) {
	b.change(func(p *progress) { p.done(d) })
}

// print writes s to w above the bar.
func (b *Bar) print(w io.Writer, s string) {
	if b == nil {
		io.WriteString(w, s)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	io.WriteString(w, s)
	b.draw()
}

// Pause takes the bar away until resume is called, for a question on the terminal.
func (b *Bar) Pause() (resume func()) {
	if b == nil {
		return func() {}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	b.paused++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.paused--
	}
}

func (b *Bar) close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	if b.stop != nil {
		close(b.stop)
		b.stop = nil
	}
}

// progress is how far a play is.
type progress struct {
	tasks   int             // known beforehand
	through map[string]int  // tasks that each host of the play has done with
	lost    map[string]bool // hosts that do no more
	running map[string]bool
	apart   map[int]bool // tasks that were not counted beforehand: of facts, and handlers
	title   string
	hosts   int // that the task has
	since   time.Time
}

func newProgress(e event.PlayStart) progress {
	p := progress{tasks: e.Tasks, through: map[string]int{}, lost: map[string]bool{}, running: map[string]bool{}, apart: map[int]bool{}}
	for _, h := range e.Hosts {
		p.through[h] = 0
	}
	return p
}

func (p *progress) task(e event.TaskStart, now time.Time) {
	p.title, p.hosts, p.since = line(e.Task), e.Hosts, now
	switch {
	case e.Handler:
		p.apart[e.ID], p.title = true, "handler: "+p.title
	case e.Module == "setup":
		p.apart[e.ID] = true
	default:
		p.title = fmt.Sprintf("task %d/%d: %s", p.most()+1, max(p.tasks, p.most()+1), p.title)
	}
}

// most is how many tasks the host that is ahead has done with.
func (p *progress) most() (n int) {
	for _, k := range p.through {
		n = max(n, k)
	}
	return n
}

func (p *progress) done(d event.Done) {
	delete(p.running, d.Host)
	if !p.apart[d.ID] {
		p.through[d.Host]++
	}
	if (d.Status == event.Failed || d.Status == event.Unreachable) && !d.Ignored && !d.Rescued {
		p.lost[d.Host] = true
	}
}

// share is how much of the play is done, from 0 to 1. A host that is lost has
// nothing left to do.
func (p *progress) share() float64 {
	done, all := 0, 0
	for h, k := range p.through {
		done += k
		if all += k; !p.lost[h] {
			all += max(0, p.tasks-k)
		}
	}
	return float64(done) / float64(max(1, all))
}

// line is p in less than width columns, "" if no host is at work.
func (p *progress) line(width int, now time.Time) string {
	if len(p.running) == 0 {
		return ""
	}
	const whole = 1000
	wide := width / 5
	if width < 60 {
		wide = width / 10
	}
	bar := progressbar.NewOptions(whole, progressbar.OptionSetWriter(io.Discard), progressbar.OptionSetWidth(wide),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	_ = bar.Set(min(whole-1, int(whole*p.share()))) // it is less than the whole
	_ = bar.RenderBlank()                           // to nowhere
	who := fmt.Sprintf(" (%d of %d hosts)", len(p.running), max(p.hosts, len(p.running)))
	if len(p.running) == 1 {
		for h := range p.running {
			who = " (" + line(h) + ")"
		}
	}
	if took := now.Sub(p.since).Truncate(time.Second); took > 0 {
		who += " " + took.String()
	}
	drawn := strings.TrimRight(bar.String(), " ")
	left := width - 2 - utf8.RuneCountInString(drawn+who)
	return cut(drawn+" "+cut(p.title, max(12, left))+who, width-1)
}

// cut is s in at most n columns.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:max(0, n-1)]) + "…"
	}
	return s
}
