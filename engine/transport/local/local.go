// Package local is the transport to the machine that gokube runs on: commands are
// children of this process, files are written in place. It does not know SSH.
//
// # Decisions
//
// Each command has a process group of its own, so that Ctrl-C at the terminal
// does not reach it (a running step may finish) and Kill ends all of it.
package local

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/gokube/gokube/engine/transport"
)

// Dialer dials this machine whatever the Target says.
type Dialer struct {
	Home string // the home directory; the user's when empty
}

// Dial finds the home directory and connects to nothing.
func (d Dialer) Dial(ctx context.Context, t transport.Target) (transport.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	home := d.Home
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return nil, &transport.UnreachableError{
				Address: "this machine", Phase: transport.PhaseConfigure,
				Cause: fmt.Errorf("find the home directory: %w", err), Hint: "set HOME",
			}
		}
	}
	return &conn{name: t.Name(), home: home, done: make(chan struct{}), procs: map[*process]struct{}{}}, nil
}

type conn struct {
	name, home string
	done       chan struct{}

	mu    sync.Mutex
	procs map[*process]struct{} // nil once closed
}

func (c *conn) String() string        { return c.name }
func (c *conn) Done() <-chan struct{} { return c.done }

func (c *conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.procs == nil {
		return transport.ErrClosed
	}
	return nil
}

// Close kills the processes that still run.
func (c *conn) Close() error {
	c.mu.Lock()
	procs := c.procs
	c.procs = nil
	c.mu.Unlock()
	if procs == nil {
		return nil
	}
	close(c.done)
	for p := range procs {
		_ = p.Kill()
	}
	return nil
}

func (c *conn) add(p *process) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.procs == nil {
		return transport.ErrClosed
	}
	c.procs[p] = struct{}{}
	return nil
}

func (c *conn) drop(p *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.procs, p)
}
