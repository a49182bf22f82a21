package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
)

// process is a command in a channel of its own.
type process struct {
	conn    *conn
	channel ssh.Channel
	input   stdin
	hungUp  atomic.Bool   // by us
	given   chan struct{} // closed when the host's answer to that is not waited for any more
	over    chan struct{}
	err     error // set before over is closed
}

// Start opens a session and runs command in it: two round trips.
func (c *conn) Start(ctx context.Context, command string) (transport.Process, error) {
	p, err := c.start(ctx, "exec", command)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// start runs a command or a subsystem.
func (c *conn) start(ctx context.Context, request, argument string) (*process, error) {
	limit := newTimeLimit(ctx, c.dialer.options.SessionTimeout)
	defer limit.end()
	ch, reqs, err := c.session(limit)
	if err != nil {
		return nil, c.sessionError(ctx, err)
	}
	ok, err := await(limit, c, func() (bool, error) {
		return ch.SendRequest(request, true, ssh.Marshal(struct{ Argument string }{argument}))
	}, func(bool) {})
	if err == nil && !ok {
		err = errRefused{request}
	}
	if err != nil {
		go ssh.DiscardRequests(reqs)
		_ = ch.Close()
		return nil, c.sessionError(ctx, err)
	}
	p := &process{conn: c, channel: ch, input: stdin{channel: ch}, given: make(chan struct{}), over: make(chan struct{})}
	c.processes.Add(1)
	go p.watch(reqs)
	return p, nil
}

// errRefused is a session in which the host does not run what it is asked to.
type errRefused struct{ request string }

func (e errRefused) Error() string { return fmt.Sprintf("the host refuses requests for %q", e.request) }

// sessionError tells the loss of the connection and the end of ctx from the no of
// the host.
func (c *conn) sessionError(ctx context.Context, err error) error {
	if errors.Is(err, transport.ErrUnreachable) || errors.Is(err, transport.ErrClosed) || ctx.Err() != nil {
		return err
	}
	e := &transport.SessionError{Address: c.plan.address, Cause: err}
	var refused *ssh.OpenChannelError
	if errors.As(err, &refused) {
		e.Hint = "it may allow no more sessions on a connection (MaxSessions in sshd_config)"
	}
	return e
}

// session opens a session channel. A host that allows one session only may not
// have noticed yet that the one before is over, so that a refusal is worth a second
// and a third look, and more of them while nothing runs.
func (c *conn) session(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	for wait := 20 * time.Millisecond; ; wait *= 3 {
		ch, reqs, err := c.channel(ctx, "session", nil)
		var refused *ssh.OpenChannelError
		if !errors.As(err, &refused) || wait > time.Second || c.processes.Load() > 0 && wait > 200*time.Millisecond {
			return ch, reqs, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
}

// watch waits for the exit status and the end of the channel.
func (p *process) watch(reqs <-chan *ssh.Request) {
	var status error = errNoStatus
	take := func(r *ssh.Request) {
		if s, ok := exitOf(r); ok {
			status = s
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
	for open := true; open; {
		select {
		case r, ok := <-reqs:
			if open = ok; ok {
				take(r)
			}
		case <-p.conn.done:
			open = false
			for len(reqs) > 0 {
				take(<-reqs)
			}
		case <-p.given:
			open = false
			go ssh.DiscardRequests(reqs)
		}
	}
	if errors.Is(status, errNoStatus) {
		status = p.lost()
	}
	p.conn.processes.Add(-1)
	p.err = status
	close(p.over)
	_ = p.channel.Close()
}

var errNoStatus = errors.New("the command ended without an exit status")

// lost is why there is no exit status: most likely the connection is gone, unless
// we hung up.
func (p *process) lost() error {
	if p.hungUp.Load() && p.conn.Err() == nil {
		return &transport.ExitError{Code: -1, Signal: "KILL"}
	}
	_ = p.conn.because(io.EOF)
	if err := p.conn.Err(); err != nil {
		return err
	}
	return &transport.UnreachableError{
		Address: p.conn.plan.address, Phase: transport.PhaseEstablished, Cause: errNoStatus,
	}
}

// exitOf is the result that r carries, if it does; nil for status 0.
func exitOf(r *ssh.Request) (error, bool) {
	switch r.Type {
	case "exit-status":
		var m struct{ Status uint32 }
		if ssh.Unmarshal(r.Payload, &m) != nil {
			return nil, false
		}
		if m.Status == 0 {
			return nil, true
		}
		return &transport.ExitError{Code: int(m.Status)}, true
	case "exit-signal":
		var m struct {
			Signal     string
			CoreDumped bool
			Message    string
			Language   string
		}
		if ssh.Unmarshal(r.Payload, &m) != nil {
			return nil, false
		}
		return &transport.ExitError{Code: -1, Signal: m.Signal}, true
	}
	return nil, false
}

func (p *process) Stdin() io.WriteCloser { return &p.input }
func (p *process) Stdout() io.Reader     { return p.channel }
func (p *process) Stderr() io.Reader     { return p.channel.Stderr() }

func (p *process) Wait() error {
	<-p.over
	return p.err
}

// Kill asks the host to kill the command and hangs up on it. OpenSSH takes no
// signals for root: there the command goes on until it misses its reader.
func (p *process) Kill() error {
	select {
	case <-p.over:
		return nil
	default:
	}
	if p.hungUp.Swap(true) {
		return nil
	}
	time.AfterFunc(settle, func() { close(p.given) })
	_, err := p.channel.SendRequest("signal", false, ssh.Marshal(struct{ Signal string }{"KILL"}))
	if err = errors.Join(err, p.channel.Close()); hungUp(err) {
		return nil
	}
	return err
}
