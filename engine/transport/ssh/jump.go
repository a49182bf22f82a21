package ssh

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/link"
)

// jump is a connection to a jump host, shared by all that go through it.
type jump struct {
	key   string
	users int           // guarded by Dialer.mu
	ready chan struct{} // closed when conn or err is there
	conn  *conn
	err   error
	slots chan struct{} // handshakes under way
}

// acquire is the connection to the jump host of p, opened by the first who asks.
// The caller releases it.
func (d *Dialer) acquire(ctx context.Context, p *plan) (*jump, error) {
	key := fmt.Sprintf("%+v", *p.via)
	d.mu.Lock()
	j, ok := d.jumps[key]
	if ok && j.lost() {
		ok = false
	}
	if !ok {
		j = &jump{key: key, ready: make(chan struct{}), slots: make(chan struct{}, d.options.JumpHandshakes)}
		d.jumps[key] = j
		// Not with ctx: others wait for it as well.
		go d.open(context.WithoutCancel(ctx), j, p)
	}
	j.users++
	d.mu.Unlock()
	select {
	case <-j.ready:
	case <-ctx.Done():
		go func() { <-j.ready; d.release(j) }()
		return nil, context.Cause(ctx)
	}
	if j.err != nil {
		err := fmt.Errorf("jump host %s: %w", p.via.DialAddress(), j.err)
		d.release(j)
		return nil, &transport.UnreachableError{Address: p.address, Phase: transport.PhaseConnect, Cause: err}
	}
	return j, nil
}

func (d *Dialer) open(ctx context.Context, j *jump, p *plan) {
	j.conn, j.err = d.dial(ctx, *p.via, p.depth+1)
	if j.err != nil {
		d.forget(j)
	}
	close(j.ready)
}

// lost tells whether j is of no use any more.
func (j *jump) lost() bool {
	select {
	case <-j.ready:
		return j.err != nil || j.conn.Err() != nil
	default:
		return false
	}
}

func (d *Dialer) forget(j *jump) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jumps[j.key] == j {
		delete(d.jumps, j.key)
	}
}

// release closes the connection after its last user.
func (d *Dialer) release(j *jump) {
	d.mu.Lock()
	j.users--
	last := j.users == 0
	if last && d.jumps[j.key] == j {
		delete(d.jumps, j.key)
	}
	d.mu.Unlock()
	if last && j.conn != nil {
		_ = j.conn.Close()
	}
}

// through connects to the host of p from the jump host j, not too many at a time:
// behind it they all come from one address.
func (d *Dialer) through(ctx context.Context, p *plan, j *jump) (*conn, error) {
	select {
	case j.slots <- struct{}{}:
		defer func() { <-j.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	limit := newTimeLimit(ctx, p.timeout)
	defer limit.end()
	raw, err := j.conn.forward(limit, p.address)
	if err != nil {
		err = fmt.Errorf("jump host %s: %w", j.conn.plan.address, brief(err))
		return nil, unreachable(limit, p, transport.PhaseConnect, err)
	}
	return d.handshake(limit, p, raw, j)
}

// forward asks the host to connect to address.
func (c *conn) forward(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	payload := ssh.Marshal(struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}{host, uint32(n), "127.0.0.1", 0})
	ch, reqs, err := c.channel(ctx, "direct-tcpip", payload)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(reqs)
	return link.NewChannel(ch, address), nil
}
