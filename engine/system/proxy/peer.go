package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// peer is one end of a connection. Both ends call and both answer: a write's
// content is asked for by the side that writes it.
type peer struct {
	rw     io.ReadWriter
	answer func(ctx context.Context, c *call) *reply

	sending sync.Mutex
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan *reply
	running map[uint64]context.CancelFunc
	streams map[uint64]io.ReadCloser
	ended   error // why no more replies come
	calls   sync.WaitGroup
}

var errClosed = errors.New("the connection to the other process has ended")

func newPeer(rw io.ReadWriter) *peer {
	return &peer{rw: rw, waiting: map[uint64]chan *reply{}, running: map[uint64]context.CancelFunc{}, streams: map[uint64]io.ReadCloser{}}
}

func (p *peer) send(m message) error {
	p.sending.Lock()
	defer p.sending.Unlock()
	return writeMessage(p.rw, m)
}

// call asks the other side and waits for its reply, also after ctx is done: then
// the other side is told, and its reply says what came of it.
func (p *peer) call(ctx context.Context, c call) (*reply, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	id, came, err := p.expect()
	if err != nil {
		return nil, err
	}
	if err := p.send(message{ID: id, Call: &c}); err != nil {
		p.forget(id)
		return nil, fmt.Errorf("ask the other process: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = p.send(message{ID: id, Call: &call{Op: opCancel}}) })
	defer stop()
	r, ok := <-came
	if !ok {
		return nil, p.why()
	}
	err = r.Err.unpack()
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return r, err
}

func (p *peer) expect() (uint64, chan *reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != nil {
		return 0, nil, p.ended
	}
	p.last++
	came := make(chan *reply, 1)
	p.waiting[p.last] = came
	return p.last, came, nil
}

func (p *peer) forget(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, id)
}

func (p *peer) why() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// loop takes messages until the connection ends; nil is an end between two of
// them. What still runs for the other side is cancelled and waited for.
func (p *peer) loop() error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer p.calls.Wait()
	defer p.end(errClosed)
	defer cancel(errClosed)
	for {
		m, err := readMessage(p.rw)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, fs.ErrClosed):
			return nil
		case err != nil:
			p.end(err)
			return err
		case m.Reply != nil:
			p.deliver(m)
		case m.Call != nil && m.Call.Op == opCancel:
			p.cancel(m.ID)
		case m.Call != nil:
			p.start(ctx, m)
		}
	}
}

func (p *peer) deliver(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if came, ok := p.waiting[m.ID]; ok {
		delete(p.waiting, m.ID)
		came <- m.Reply
	}
}

func (p *peer) cancel(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cancel, ok := p.running[id]; ok {
		cancel()
	}
}

func (p *peer) start(ctx context.Context, m message) {
	ctx, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	p.running[m.ID] = cancel
	p.mu.Unlock()
	p.calls.Add(1)
	go func() {
		defer p.calls.Done()
		defer cancel()
		r := p.handle(ctx, m.Call)
		p.mu.Lock()
		delete(p.running, m.ID)
		p.mu.Unlock()
		if err := p.send(message{ID: m.ID, Reply: r}); err != nil {
			_ = p.send(message{ID: m.ID, Reply: &reply{Err: packError(err)}})
		}
	}()
}

// end lets all who wait go, and closes what is open for the other side.
func (p *peer) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = why
	}
	for id, came := range p.waiting {
		delete(p.waiting, id)
		close(came)
	}
	for id, s := range p.streams {
		delete(p.streams, id)
		_ = s.Close()
	}
}
