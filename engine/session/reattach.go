package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// Reattach goes on over conn with the runner that Open started, and closes the
// old connection, which may be silent. Requests in flight get their results. It
// fails if the runner is gone, and on a session that was given up; one that has
// Redial reattaches by itself.
func (s *Session) Reattach(ctx context.Context, conn transport.Conn) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	if err := s.Err(); err != nil {
		return err
	}
	h := s.Hello()
	command := "gokube-runner attach " + h.Session
	if s.o.Payload != nil {
		if !plain(h.Path) || !plain(h.Session) {
			return &wire.Error{Kind: wire.Lost, Text: fmt.Sprintf("attach to the runner: its path %q cannot be given to a shell", h.Path)}
		}
		command = attachCommand(h.Path, h.Session, s.as)
	}
	l, _, err := s.try(ctx, conn, command)
	if err != nil {
		return fmt.Errorf("attach to the runner: %w", err)
	}
	s.adopt(l)
	return nil
}

// redial reattaches over another connection, trying for a while.
func (s *Session) redial() error {
	until := s.o.Patience
	if until == 0 {
		until = 20 * time.Second
	}
	ctx, cancel := context.WithTimeoutCause(s.ctx, until, fmt.Errorf("no answer within %s", until))
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		final, err := s.again(ctx)
		if err == nil || final {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// again is one attempt; final says that no other will do better.
func (s *Session) again(ctx context.Context) (final bool, err error) {
	conn, err := s.o.Redial(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		var unreachable *transport.UnreachableError
		return !errors.As(err, &unreachable), fmt.Errorf("connect again: %w", err)
	}
	if err := s.Reattach(ctx, conn); err != nil {
		lost := conn.Err() != nil
		_ = conn.Close() // of no use
		return !lost && ctx.Err() == nil, err
	}
	return false, nil
}
