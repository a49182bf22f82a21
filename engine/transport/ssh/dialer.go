// Package ssh is the transport over SSH: one connection per host for the whole
// run. It does not know what runs at the other end.
//
// # Decisions
//
// No external ssh: a handshake in this process takes a fiftieth of the time of an
// OpenSSH client. Host keys are always verified. Keys are offered one by one, those
// named for the host first, because a host hangs up after six; an agent is asked
// only when it is its turn. A silent host is noticed by a keepalive that closes the
// socket, since nothing in the SSH library gives up by itself. A host that lives
// behind jump hosts shares the connection to them with all others.
package ssh

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/hostkeys"
	"github.com/gokube/gokube/engine/transport/ssh/keys"
	"github.com/gokube/gokube/engine/transport/ssh/sshconfig"
)

// Options are the same for all connections of a Dialer. Zero values are defaults.
type Options struct {
	Env            sshconfig.Env         // the process's
	AgentSocket    string                // SSH_AUTH_SOCK; "none" for no agent
	Passphrase     keys.Ask              // for encrypted keys; nil: nobody is asked
	Warn           func(diag.Diagnostic) // about configuration that is not heeded; nil: nobody hears
	KeepAlive      time.Duration         // silence after which a host is asked whether it lives; 15 s; negative: never
	KeepAliveCount int                   // how many times KeepAlive a host may be silent; 3
	SessionTimeout time.Duration         // for the host to start a command; 30 s
	UploadStall    time.Duration         // without progress, after which an upload is given up; 60 s
	JumpHandshakes int                   // at the same time through one jump host; 8
}

// Dialer opens SSH connections. It reads each key, known_hosts and configuration
// file once, and it shares connections to jump hosts.
type Dialer struct {
	options Options
	ring    *keys.Ring
	known   hostkeys.Store

	mu      sync.Mutex
	configs map[string]func() (*sshconfig.Config, error)
	jumps   map[string]*jump
}

// NewDialer returns a Dialer that has read nothing yet.
func NewDialer(o Options) *Dialer {
	o.KeepAlive = cmp.Or(o.KeepAlive, 15*time.Second)
	o.KeepAliveCount = cmp.Or(o.KeepAliveCount, 3)
	o.SessionTimeout = cmp.Or(o.SessionTimeout, 30*time.Second)
	o.UploadStall = cmp.Or(o.UploadStall, time.Minute)
	o.JumpHandshakes = cmp.Or(o.JumpHandshakes, 8)
	o.AgentSocket = cmp.Or(o.AgentSocket, os.Getenv("SSH_AUTH_SOCK"))
	if o.Env.Home == "" {
		o.Env = processEnv()
	}
	return &Dialer{
		options: o, ring: keys.NewRing(o.Passphrase),
		configs: map[string]func() (*sshconfig.Config, error){}, jumps: map[string]*jump{},
	}
}

// Dial connects to t, tries passing failures again, and verifies the host key. Its
// errors are of the kinds of package transport, or ctx's.
func (d *Dialer) Dial(ctx context.Context, t transport.Target) (transport.Conn, error) {
	c, err := d.dial(ctx, t, 0)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Waiting between attempts begins with firstWait and doubles.
const (
	firstWait = 200 * time.Millisecond
	maxWait   = 5 * time.Second
)

func (d *Dialer) dial(ctx context.Context, t transport.Target, depth int) (*conn, error) {
	p, err := d.plan(t, depth)
	if err != nil {
		return nil, &transport.UnreachableError{Address: p.address, Phase: transport.PhaseConfigure, Cause: err}
	}
	for n, wait := 0, firstWait; ; n, wait = n+1, min(2*wait, maxWait) {
		c, err := d.attempt(ctx, p)
		if err == nil || n >= p.retries || !isPassing(err) {
			return c, err
		}
		// Spread out, or all hosts behind one limit would come back together.
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		}
	}
}
