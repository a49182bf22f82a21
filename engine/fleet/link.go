package fleet

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// link is the connection and the session of one host. Opening holds mu, so that
// tasks that need it at the same time wait for one opening.
type link struct {
	fleet   *Fleet
	name    string
	mu      sync.Mutex
	conn    transport.Conn // nil until there is one; owned by the session once that is set
	session *session.Session
	away    atomic.Bool // the host was told to go away, and is waited for
}

// open gives the session, which is opened if there is none that works.
func (l *link) open(ctx context.Context, t Target) (*session.Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != nil && l.session.Err() == nil {
		return l.session, nil
	}
	conn, err := l.dial(ctx, t)
	if err != nil {
		return nil, err
	}
	s, err := session.Open(ctx, conn, session.Options{
		Check: l.fleet.Check, Verify: l.fleet.Verify, Facts: true, Become: t.Become, Payload: l.fleet.Payload,
		Redial: l.redial(t),
	})
	if err != nil {
		conn.Close()
		l.conn = nil
		return nil, err
	}
	l.session = s
	l.fleet.Report(l.name, "connected", conn.String())
	return s, nil
}

// redial opens another connection for a session that lost its own, one attempt
// at a time, and tells both.
func (l *link) redial(t Target) func(context.Context) (transport.Conn, error) {
	told := false
	return func(ctx context.Context) (transport.Conn, error) {
		if !told && !l.away.Load() {
			l.fleet.Report(l.name, "lost", "connecting again")
			told = true
		}
		conn, err := l.fleet.dial(ctx, t)
		if err == nil && told {
			l.fleet.Report(l.name, "reconnected", conn.String())
			told = false
		}
		return conn, err
	}
}

// connect gives a connection, without a session if there is none.
func (l *link) connect(ctx context.Context, t Target) (transport.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dial(ctx, t)
}

func (l *link) dial(ctx context.Context, t Target) (transport.Conn, error) {
	if l.conn != nil && l.conn.Err() == nil {
		return l.conn, nil
	}
	l.session = nil
	l.fleet.Report(l.name, "connecting", t.Conn.Address)
	conn, err := l.fleet.dial(ctx, t)
	l.conn = conn
	return conn, err
}

func (l *link) bootID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil {
		return ""
	}
	return l.session.BootID()
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.session != nil:
		l.session.Close()
	case l.conn != nil:
		l.conn.Close()
	}
	l.session, l.conn = nil, nil
}

// dial opens a connection as t says, when there is room for another handshake.
func (f *Fleet) dial(ctx context.Context, t Target) (transport.Conn, error) {
	if err := f.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer f.gate.Leave()
	to, err := target(t)
	if err != nil {
		return nil, err
	}
	if t.Conn.Kind == inventory.Local {
		return f.Local.Dial(ctx, to)
	}
	return f.SSH.Dial(ctx, to)
}

// target is t as transports take it.
func target(t Target) (transport.Target, error) {
	c := t.Conn
	to := transport.Target{Host: t.Name, Address: c.Address, Port: c.Port, User: c.User, Password: c.Password,
		KeyFiles: c.KeyFiles, KnownHosts: c.KnownHosts, Timeout: c.Timeout}
	switch c.HostKeys {
	case inventory.HostKeysStrict:
		to.HostKeys = transport.HostKeysStrict
	case inventory.HostKeysAcceptNew:
		to.HostKeys = transport.HostKeysAcceptNew
	}
	switch c.Jump {
	case "":
		return to, nil
	case "none":
		to.Jumps = transport.DirectOnly()
		return to, nil
	}
	var err error
	to.Jumps, err = transport.ParseJumps(c.Jump)
	return to, err
}

// wireError is err as a result carries it: a host that cannot be worked with is
// lost, unless err says more.
func wireError(err error) *wire.Error {
	var w *wire.Error
	if errors.As(err, &w) {
		return w
	}
	return &wire.Error{Kind: wire.Lost, Text: err.Error()}
}
