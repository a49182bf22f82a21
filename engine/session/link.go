package session

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// link is one process on a host that speaks for the runner.
type link struct {
	conn   transport.Conn
	proc   transport.Process
	r      *wire.Reader
	w      *wire.Writer
	words  *words
	parted chan struct{} // closed when the runner has said goodbye
	dead   chan struct{} // closed when nothing more will be read
}

func newLink(conn transport.Conn, proc transport.Process, prompt string, asked func(n int)) *link {
	l := &link{conn: conn, proc: proc, r: wire.NewReader(proc.Stdout()), w: wire.NewWriter(proc.Stdin()),
		words: &words{prompt: prompt, quiet: make(chan struct{})}, parted: make(chan struct{}), dead: make(chan struct{})}
	go l.words.listen(proc.Stderr(), asked)
	return l
}

// send writes c. Only what cannot be sent at all is an error: a stream that is
// broken is the reader's to tell.
func (l *link) send(c *call) error {
	if err := l.w.Send(c.kind, c.payload); errors.Is(err, wire.ErrTooLarge) {
		return err
	}
	return nil
}

// bye says goodbye and gives the runner a moment to tidy up. How its process ends
// then, and what was between it and us, is not waited for.
func (l *link) bye() {
	go func() { _ = l.w.Send(wire.TypeBye) }() // a stream that is broken is told by its reader
	select {
	case <-l.parted:
	case <-l.dead:
	case <-l.conn.Done():
	case <-time.After(time.Second):
	}
}

// words are the last that a process printed on its standard error.
type words struct {
	prompt string // how a become tool is told to ask for the password, "" if it does not
	mu     sync.Mutex
	text   string
	quiet  chan struct{} // closed when no more will come
}

const maxWords = 4 << 10

// listen reads r to its end and calls asked each time that the prompt shows up.
func (w *words) listen(r io.Reader, asked func(n int)) {
	defer close(w.quiet)
	buf := make([]byte, 1<<10)
	fresh, times := "", 0
	for {
		n, err := r.Read(buf)
		w.mu.Lock()
		w.text += string(buf[:n])
		w.text = w.text[max(0, len(w.text)-maxWords):]
		w.mu.Unlock()
		if w.prompt != "" {
			if fresh += string(buf[:n]); strings.Contains(fresh, w.prompt) {
				fresh = ""
				times++
				asked(times)
			}
			fresh = fresh[max(0, len(fresh)-maxWords):]
		}
		if err != nil {
			return
		}
	}
}

// String is what was said so far, without prompts.
func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.text
	if w.prompt != "" {
		text = strings.ReplaceAll(text, w.prompt, "")
	}
	return strings.ToValidUTF8(strings.TrimSpace(text), "?")
}

// all is what was said, to the end if that comes soon.
func (w *words) all() string {
	select {
	case <-w.quiet:
	case <-time.After(time.Second):
	}
	return w.String()
}

// firstFacts are those that come with the hello.
type firstFacts struct {
	mu      sync.Mutex
	awaited bool
	come    chan struct{}
	facts   *system.Facts
}

// put keeps what came.
func (f *firstFacts) put(facts *system.Facts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.awaited && f.facts == nil && facts != nil {
		f.facts = facts
		close(f.come)
	}
}

// take waits for the facts; nil if they were taken before, or will not come.
func (f *firstFacts) take(ctx context.Context, l *link) *system.Facts {
	f.mu.Lock()
	awaited := f.awaited
	f.mu.Unlock()
	if !awaited {
		return nil
	}
	select {
	case <-f.come:
	case <-l.dead:
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.awaited {
		return nil
	}
	f.awaited = false
	out := f.facts
	f.facts = nil
	return out
}
