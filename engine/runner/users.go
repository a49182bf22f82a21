package runner

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// users are the views that the users of a run have of the host.
type users struct {
	own         system.System
	user, login string
	open        func(context.Context, wire.Become) (system.System, error)

	mu     sync.Mutex
	opened map[wire.Become]system.System
}

// refusal is a user that a task cannot become.
type refusal struct{ error }

// Unwrap is why.
func (r refusal) Unwrap() error { return r.error }

// as is the host as b's user. One that was lost, because the process behind it
// died, is opened again.
func (u *users) as(ctx context.Context, b wire.Become) (system.System, error) {
	if b.Method == "" {
		b = wire.Become{User: u.login}
	} else {
		b.User = cmp.Or(b.User, "root")
	}
	if b.User == u.user {
		return u.own, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if s := u.opened[b]; s != nil && !gone(s) {
		return s, nil
	}
	if u.open == nil {
		return nil, refusal{errors.New("become " + b.User + ": not possible on this host")}
	}
	s, err := u.open(ctx, b)
	if err != nil {
		return nil, refusal{err}
	}
	u.opened[b] = s
	return s, nil
}

func gone(s system.System) bool {
	d, ok := s.(interface{ Done() <-chan struct{} })
	if !ok {
		return false
	}
	select {
	case <-d.Done():
		return true
	default:
		return false
	}
}

func (u *users) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range u.opened {
		if c, ok := s.(io.Closer); ok {
			_ = c.Close() // it dies with its streams anyway
		}
	}
	clear(u.opened)
}
