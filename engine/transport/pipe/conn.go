package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/gokube/gokube/engine/transport"
)

type conn struct {
	host *Host
	name string
	done chan struct{}

	mu      sync.Mutex
	err     error
	stalled bool
	procs   map[*process]struct{}
}

func (c *conn) String() string        { return c.name }
func (c *conn) Done() <-chan struct{} { return c.done }

func (c *conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *conn) Close() error {
	c.end(transport.ErrClosed)
	return nil
}

func (c *conn) lose(cause error) {
	c.end(&transport.UnreachableError{Address: c.name, Phase: transport.PhaseEstablished, Cause: cause})
}

func (c *conn) end(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	procs := c.procs
	c.procs = nil
	close(c.done)
	c.mu.Unlock()
	c.host.forget(c)
	for p := range procs {
		p.end(err)
	}
}

func (h *Host) forget(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
}

func (c *conn) stall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalled = true
	for p := range c.procs {
		p.stall()
	}
}

func (c *conn) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stalled && c.err == nil
}

// Start counts and starts a process.
func (c *conn) Start(ctx context.Context, command string) (transport.Process, error) {
	faults := c.host.count(func(n *Counts) { n.Starts++ })
	if faults.Start != nil {
		return nil, faults.Start
	}
	if err := c.silence(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	if faults.Sessions > 0 && len(c.procs) >= faults.Sessions {
		return nil, &transport.SessionError{Address: c.name, Cause: errors.New("the host allows no more sessions")}
	}
	p := newProcess(c, faults)
	c.procs[p] = struct{}{}
	go p.run(command)
	return p, nil
}

// silence blocks on a stalled connection until ctx or the connection ends.
func (c *conn) silence(ctx context.Context) error {
	if !c.silent() {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
		return c.Err()
	}
}

// Upload keeps the file in the host's map.
func (c *conn) Upload(ctx context.Context, r io.Reader, size int64, path string, mode fs.FileMode) error {
	faults := c.host.count(func(n *Counts) { n.Uploads++ })
	if faults.Upload != nil {
		return faults.Upload
	}
	if err := c.silence(ctx); err != nil {
		return err
	}
	if err := c.Err(); err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err == nil && int64(len(data)) != size {
		err = fmt.Errorf("read %d bytes of %d", len(data), size)
	}
	if err != nil {
		return &transport.UploadError{Path: path, Cause: err}
	}
	c.host.mu.Lock()
	defer c.host.mu.Unlock()
	c.host.files[path] = File{Data: data, Mode: mode}
	return nil
}

func (c *conn) drop(p *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.procs, p)
}
