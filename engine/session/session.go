// Package session is the controller's end of one runner: it brings the runner to
// a host, starts it, and exchanges requests for results. It knows no playbook and
// no module.
package session

import (
	"context"
	"errors"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// Session is a started runner on one host. It is safe for concurrent use.
type Session struct{ conn transport.Conn }

var errNotYet = errors.New("open a session: not built yet")

// Open starts the runner over conn, bringing it first if the host lacks it, and
// waits for its hello. The Session owns conn from then on; on error the caller
// keeps it. A host that refuses is an *OpenError.
func Open(ctx context.Context, conn transport.Conn, o Options) (*Session, error) {
	return nil, errNotYet
}

// Do sends one request and waits for its result: one round trip. It sets q's ID.
// The result is never nil; a connection that is lost for good is Kind Lost. When
// ctx ends the runner is told to cancel, and its result awaited for a moment.
func (s *Session) Do(ctx context.Context, q *wire.Request) *wire.Result { return nil }

// Facts are the host's facts: those that came with the hello, once, and then
// fresh ones for a round trip each.
func (s *Session) Facts(ctx context.Context) (*system.Facts, error) { return nil, errNotYet }

// Ping is one round trip to the runner.
func (s *Session) Ping(ctx context.Context) error { return errNotYet }

// Reattach goes on over conn with the runner that Open started, and closes the
// old connection. Requests in flight get their results. It is an *OpenError if
// the runner is gone.
func (s *Session) Reattach(ctx context.Context, conn transport.Conn) error { return errNotYet }

// BootID is the host's boot id when the session was opened.
func (s *Session) BootID() string { return "" }

// Trips is how many round trips were made since Open, opening not counted.
func (s *Session) Trips() int64 { return 0 }

// Done is closed when the runner can no longer be reached.
func (s *Session) Done() <-chan struct{} { return nil }

// Err is why, nil before.
func (s *Session) Err() error { return nil }

// Close tells the runner to end and closes the connection. It may be called again.
func (s *Session) Close() error { return nil }

// Shell is the host behind conn without a runner: only Run, Capture and Query
// work, all else is errors.ErrUnsupported.
func Shell(conn transport.Conn) system.System { return nil }
