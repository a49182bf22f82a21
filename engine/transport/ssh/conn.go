package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/link"
)

// conn is a connection to one host. One goroutine of ours serves it while idle.
type conn struct {
	dialer    *Dialer
	plan      *plan
	link      *link.Link
	ssh       ssh.Conn
	via       *jump // may be nil
	keepalive *keepalive
	processes atomic.Int32

	once sync.Once
	done chan struct{}
	err  error // set before done is closed
}

func (d *Dialer) newConn(p *plan, l *link.Link, sc ssh.Conn, chans <-chan ssh.NewChannel, reqs <-chan *ssh.Request, j *jump) *conn {
	c := &conn{dialer: d, plan: p, link: l, ssh: sc, via: j, done: make(chan struct{})}
	c.keepalive = startKeepalive(c, d.options.KeepAlive, d.silence())
	go c.serve(chans, reqs)
	return c
}

// serve answers what the host asks for, always with no, until the connection ends.
func (c *conn) serve(chans <-chan ssh.NewChannel, reqs <-chan *ssh.Request) {
	for chans != nil || reqs != nil {
		select {
		case ch, ok := <-chans:
			if !ok {
				chans = nil
				continue
			}
			_ = ch.Reject(ssh.Prohibited, "not offered")
		case r, ok := <-reqs:
			if !ok {
				reqs = nil
				continue
			}
			_ = r.Reply(false, nil)
		}
	}
	c.lose(brief(c.ssh.Wait()))
}

// String is user@host:port.
func (c *conn) String() string { return c.plan.user + "@" + c.plan.address }

// Done is closed when the connection has ended.
func (c *conn) Done() <-chan struct{} { return c.done }

// Err is why the connection has ended.
func (c *conn) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Close ends the connection, whatever state the host is in.
func (c *conn) Close() error {
	c.end(transport.ErrClosed)
	return nil
}

func (c *conn) lose(cause error) {
	hint := ""
	if c.via != nil {
		if err := c.via.conn.Err(); err != nil {
			cause = fmt.Errorf("jump host %s: %w", c.via.conn.plan.address, err)
		}
	}
	c.end(&transport.UnreachableError{Address: c.plan.address, Phase: transport.PhaseEstablished, Cause: cause, Hint: hint})
}

func (c *conn) end(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.done)
		c.keepalive.stop()
		_ = c.link.Close()
		if c.via != nil {
			c.dialer.release(c.via)
		}
	})
}

// settle is how long to wait for the news that the connection is lost, after the
// first sign of it.
const settle = 2 * time.Second

// because is err, unless it comes from the loss of the connection.
func (c *conn) because(err error) error {
	if !hungUp(err) && !errors.Is(err, net.ErrClosed) {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-time.After(settle):
		return err
	}
}

// channel opens a channel, or gives up with ctx.
func (c *conn) channel(ctx context.Context, kind string, payload []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
	}
	o, err := await(ctx, c, func() (opened, error) {
		ch, reqs, err := c.ssh.OpenChannel(kind, payload)
		return opened{ch, reqs}, err
	}, func(o opened) {
		go ssh.DiscardRequests(o.reqs)
		_ = o.ch.Close()
	})
	return o.ch, o.reqs, err
}

// await runs f, which cannot be cancelled, until ctx or the connection ends; drop
// gets a result that comes too late.
func await[T any](ctx context.Context, c *conn, f func() (T, error), drop func(T)) (T, error) {
	type result struct {
		v   T
		err error
	}
	results := make(chan result, 1)
	go func() {
		v, err := f()
		results <- result{v, err}
	}()
	var err error
	select {
	case r := <-results:
		return r.v, c.because(r.err)
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-c.done:
		err = c.err
	}
	go func() {
		if r := <-results; r.err == nil {
			drop(r.v)
		}
	}()
	var none T
	return none, err
}
