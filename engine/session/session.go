// Package session is the controller's end of one runner: it brings the runner to
// a host, starts it, and exchanges requests for results. It knows no playbook and
// no module.
//
// # Decisions
//
// Opening costs one command on a host that has the runner: a shell line looks for
// it by digest, starts it, or says what is missing. The runner verifies its own
// digest at every start, which takes it some milliseconds and no other program; on
// a damaged one it is brought anew. The host's facts come with its hello.
//
// A request has a number, and the runner keeps its last results by it. So a lost
// connection is replaced by sending the same requests again: what is done already
// is answered, what is at work goes on, and nothing is done twice.
package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// Session is a started runner on one host. It is safe for concurrent use.
type Session struct {
	o     Options
	as    *switching
	trips atomic.Int64
	blobs blobs
	facts firstFacts
	done  chan struct{}   // closed when the runner is out of reach for good
	ctx   context.Context // ends with Close
	stop  context.CancelFunc

	mu      sync.Mutex
	link    *link // the current one, maybe dead
	hello   wire.Hello
	next    uint64
	pending map[uint64]*call
	err     error
}

// call is something sent that is answered.
type call struct {
	kind    wire.Type
	payload []byte
	answer  chan any // of one: *wire.Result, *wire.Facts or *wire.Ref
}

// Hello is what the runner said of itself when it was reached last.
func (s *Session) Hello() wire.Hello {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hello
}

// BootID is the host's boot id when the session was opened.
func (s *Session) BootID() string { return s.Hello().BootID }

// Trips is how many round trips were made since Open, opening not counted.
func (s *Session) Trips() int64 { return s.trips.Load() }

// Done is closed when the runner can no longer be reached.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is why, nil before.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// grace is how long the result of a cancelled request is awaited.
const grace = 10 * time.Second

// Do sends one request and waits for its result: one round trip. It sets q's ID.
// The result is never nil; a connection that is lost for good is Kind Lost. When
// ctx ends the runner is told to cancel, and its result awaited for a moment. The
// runner keeps q's timeout; a host that is silent beyond it is Kind Lost.
func (s *Session) Do(ctx context.Context, q *wire.Request) *wire.Result {
	q.ID = s.number()
	payload, err := wire.EncodeRequest(ctx, q, s.blobs.offer)
	if err != nil {
		return &wire.Result{ID: q.ID, Err: &wire.Error{Kind: wire.Failed, Text: "send request: " + err.Error()}}
	}
	c := &call{kind: wire.TypeRequest, payload: payload, answer: make(chan any, 1)}
	defer s.forget(q.ID)
	waiting, stop := within(ctx, q.Timeout)
	defer stop()
	v, err := s.exchange(waiting, q.ID, c)
	switch {
	case v != nil:
	case ctx.Err() != nil:
		v = s.cancel(q.ID, c)
		err = &wire.Error{Kind: wire.Cancelled, Text: "task was cancelled, and the host did not say what came of it"}
	case waiting.Err() != nil:
		err = &wire.Error{Kind: wire.Lost, Text: fmt.Sprintf("task's timeout of %s passed, and the host did not say what came of it", q.Timeout)}
	}
	if r, ok := v.(*wire.Result); ok {
		return r
	}
	return &wire.Result{ID: q.ID, Err: asError(err)}
}

// within is ctx for a request with a timeout, 0 for none: what the runner says of
// it has time to arrive.
func within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout+grace)
}

func (s *Session) number() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return s.next
}

// cancel tells the runner, and waits for its answer, nil if there is none in time.
func (s *Session) cancel(id uint64, c *call) any {
	l := s.current()
	go func() { _ = l.w.Send(wire.TypeCancel, wire.Encode(&wire.Ref{ID: id})) }()
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case v := <-c.answer:
		return v
	case <-l.dead:
	case <-s.done:
	case <-limit.C:
	}
	return nil
}

// exchange sends c under the number id and waits for the answer. The caller forgets
// id.
func (s *Session) exchange(ctx context.Context, id uint64, c *call) (any, error) {
	s.mu.Lock()
	l, err := s.link, s.err
	if err == nil {
		s.pending[id] = c
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.trips.Add(1)
	if err := l.send(c); err != nil {
		return nil, &wire.Error{Kind: wire.Failed, Text: "send request: " + err.Error()}
	}
	select {
	case v := <-c.answer:
		return v, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
	}
	select {
	case v := <-c.answer: // it came just before the end
		return v, nil
	default:
		return nil, s.Err()
	}
}

func (s *Session) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, id)
}

// answered hands v to the one who waits for it.
func (s *Session) answered(id uint64, v any) {
	s.mu.Lock()
	c := s.pending[id]
	delete(s.pending, id)
	s.mu.Unlock()
	if c != nil {
		c.answer <- v
	}
}

// ref exchanges a message that is no more than a number.
func (s *Session) ref(ctx context.Context, t wire.Type) (any, error) {
	id := s.number()
	defer s.forget(id)
	return s.exchange(ctx, id, &call{kind: t, payload: wire.Encode(&wire.Ref{ID: id}), answer: make(chan any, 1)})
}

// Ping is one round trip to the runner.
func (s *Session) Ping(ctx context.Context) error {
	_, err := s.ref(ctx, wire.TypePing)
	return err
}

// Facts are the host's facts: those that came with the hello, once, and then
// fresh ones for a round trip each.
func (s *Session) Facts(ctx context.Context) (*system.Facts, error) {
	if f := s.facts.take(ctx, s.current()); f != nil {
		return f, nil
	}
	v, err := s.ref(ctx, wire.TypeFactsWanted)
	if err != nil {
		return nil, err
	}
	f, _ := v.(*wire.Facts)
	if f == nil || f.Facts == nil {
		return nil, &wire.Error{Kind: wire.Failed, Text: "gather facts: the runner has none"}
	}
	return f.Facts, nil
}

func (s *Session) current() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}

// fail ends the session: nothing is answered any more.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		close(s.done)
	}
}

// Close tells the runner to end and closes the connection. It may be called again.
func (s *Session) Close() error {
	s.stop()
	s.fail(&wire.Error{Kind: wire.Lost, Text: "use session: it is closed"})
	l := s.current()
	l.bye()
	return l.conn.Close()
}

// asError is err as a result carries it.
func asError(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		whole := *e
		whole.Text = err.Error()
		return &whole
	}
	return &wire.Error{Kind: wire.Lost, Text: err.Error()}
}

// lost is a connection that is gone.
func lost(conn transport.Conn, cause error, words string) *wire.Error {
	text := fmt.Sprintf("connection to %s was lost: %v", conn, cause)
	if errors.Is(cause, transport.ErrUnreachable) {
		text = cause.Error() // says so itself
	}
	if words != "" {
		text += "; the runner's last words: " + words
	}
	return &wire.Error{Kind: wire.Lost, Text: text, Stderr: words}
}
