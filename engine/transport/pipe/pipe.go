// Package pipe is a transport to hosts that live in this process, for tests: a Go
// function is a host's shell and a map its files. It counts round trips and can
// lose connections. It does not know SSH, nor what a command means.
//
// # Decisions
//
// Streams are buffered like a channel of SSH, so that what blocks here would block
// there. A stalled host is silent for ever: noticing that is the keepalive of a
// real transport, which a test plays with Host.Reset.
package pipe

import (
	"context"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/transport"
)

// Shell runs one command of a host and returns its exit status. ctx ends when the
// process is killed or its connection ends; stdin is at its end then.
type Shell func(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) (exit int)

// Dialer dials the hosts it is made of, by Target.Host.
type Dialer map[string]*Host

// Dial connects to the host called t.Host; an unknown one is unreachable.
func (d Dialer) Dial(ctx context.Context, t transport.Target) (transport.Conn, error) {
	h, ok := d[t.Host]
	if !ok {
		return nil, &transport.UnreachableError{
			Address: t.Host, Phase: transport.PhaseConnect, Cause: fmt.Errorf("no such host"),
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return h.dial(t)
}
