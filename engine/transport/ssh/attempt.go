package ssh

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/link"
)

// attempt connects and logs in once.
func (d *Dialer) attempt(ctx context.Context, p *plan) (*conn, error) {
	if p.via == nil {
		limit := newTimeLimit(ctx, p.timeout)
		defer limit.end()
		raw, err := link.Dial(limit, p.address, d.silence())
		if err != nil {
			return nil, unreachable(limit, p, transport.PhaseConnect, err)
		}
		return d.handshake(limit, p, raw, nil)
	}
	j, err := d.acquire(ctx, p)
	if err != nil {
		return nil, err
	}
	c, err := d.through(ctx, p, j)
	if err != nil {
		d.release(j)
	}
	return c, err
}

// silence is how long a host may be silent.
func (d *Dialer) silence() time.Duration {
	return max(0, d.options.KeepAlive) * time.Duration(d.options.KeepAliveCount)
}

// clientVersion is what the host sees of us.
const clientVersion = "SSH-2.0-gokube"

// handshake makes an SSH connection of raw, which it closes if that does not work.
func (d *Dialer) handshake(limit *timeLimit, p *plan, raw net.Conn, j *jump) (*conn, error) {
	l := link.Wrap(raw)
	stop := context.AfterFunc(limit, func() { _ = l.Close() })
	g := &login{ctx: limit, ring: d.ring, plan: p, link: l}
	defer g.end()
	var distrust atomic.Pointer[error]
	sc, chans, reqs, err := ssh.NewClientConn(l, p.keyAddress, &ssh.ClientConfig{
		User: p.user, AuthCallback: g.next, ClientVersion: clientVersion,
		HostKeyAlgorithms: p.known.Algorithms(p.keyAddress),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			err := p.known.Verify(p.keyAddress, key, p.hostKeys)
			if err != nil {
				distrust.Store(&err)
			}
			return err
		},
	})
	if err == nil && !stop() {
		_ = sc.Close()
		err = context.Cause(limit)
	}
	switch refused := distrust.Load(); {
	case err == nil:
		return d.newConn(p, l, sc, chans, reqs, j), nil
	case refused != nil:
		return nil, *refused
	case limit.Err() == nil && g.refused(err):
		return nil, g.explain(err)
	}
	return nil, unreachable(limit, p, transport.PhaseHandshake, err)
}
