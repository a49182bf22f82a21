package pipe

import (
	"context"
	"io"
	"sync"

	"github.com/gokube/gokube/engine/transport"
)

type process struct {
	conn   *conn
	faults Faults
	ctx    context.Context
	cancel context.CancelFunc
	stdin  *stream
	stdout *stream
	stderr *stream
	over   chan struct{}

	mu      sync.Mutex
	err     error
	ended   bool
	reading bool  // the last thing the controller did was to read
	printed int64 // bytes of stdout
}

func newProcess(c *conn, f Faults) *process {
	ctx, cancel := context.WithCancel(context.Background())
	return &process{
		conn: c, faults: f, ctx: ctx, cancel: cancel, reading: true, over: make(chan struct{}),
		stdin: newStream(), stdout: newStream(), stderr: newStream(),
	}
}

func (p *process) run(command string) {
	code := p.conn.host.shell(p.ctx, command, p.stdin, hostOut{p}, p.stderr)
	if p.conn.silent() {
		<-p.conn.done
	}
	if code == 0 {
		p.end(nil)
		return
	}
	p.end(&transport.ExitError{Code: code})
}

// end makes err the result unless there is one.
func (p *process) end(err error) {
	p.mu.Lock()
	first := !p.ended
	if first {
		p.ended, p.err = true, err
	}
	p.mu.Unlock()
	if !first {
		return
	}
	p.cancel()
	for _, s := range []*stream{p.stdin, p.stdout, p.stderr} {
		s.finish()
	}
	p.conn.drop(p)
	close(p.over)
}

func (p *process) stall() {
	for _, s := range []*stream{p.stdin, p.stdout, p.stderr} {
		s.stall()
	}
}

func (p *process) Stdin() io.WriteCloser { return controllerIn{p} }
func (p *process) Stdout() io.Reader     { return controllerOut{p} }
func (p *process) Stderr() io.Reader     { return p.stderr }

func (p *process) Wait() error {
	<-p.over
	return p.err
}

func (p *process) Kill() error {
	p.end(&transport.ExitError{Code: -1, Signal: "KILL"})
	return nil
}

// controllerIn counts a round trip for the first write after a read.
type controllerIn struct{ p *process }

func (c controllerIn) Write(b []byte) (int, error) {
	p := c.p
	p.mu.Lock()
	turn := p.reading
	p.reading = false
	p.mu.Unlock()
	p.conn.host.count(func(n *Counts) {
		n.Sent += int64(len(b))
		if turn {
			n.RoundTrips++
		}
	})
	return p.stdin.Write(b)
}

func (c controllerIn) Close() error {
	c.p.stdin.finish()
	return nil
}

type controllerOut struct{ p *process }

func (c controllerOut) Read(b []byte) (int, error) {
	n, err := c.p.stdout.Read(b)
	if n > 0 {
		c.p.mu.Lock()
		c.p.reading = true
		c.p.mu.Unlock()
		c.p.conn.host.count(func(k *Counts) { k.Received += int64(n) })
	}
	return n, err
}

// hostOut is the stdout that the shell writes to: faults strike here.
type hostOut struct{ p *process }

func (o hostOut) Write(b []byte) (int, error) {
	p := o.p
	p.mu.Lock()
	left := int64(len(b))
	cut := func(after int64) bool {
		if after <= 0 || p.printed+int64(len(b)) <= after {
			return false
		}
		left = max(after-p.printed, 0)
		return true
	}
	stall := cut(p.faults.StallAfter)
	reset := !stall && cut(p.faults.ResetAfter)
	p.printed += left
	p.mu.Unlock()

	n, err := p.stdout.Write(b[:left])
	switch {
	case stall:
		p.conn.stall()
		return len(b), nil
	case reset:
		p.conn.lose(errReset)
	}
	return n, err
}
