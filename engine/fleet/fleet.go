// Package fleet keeps the sessions of one run: one connection for each host,
// opened when a task first needs it, within a limit of handshakes at once. It
// knows no plays and no modules.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/schedule"
	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
)

// Target is a host as one task reaches it.
type Target struct {
	Name   string // the inventory's
	Conn   inventory.Conn
	Become wire.Become // as whom the task runs; the runner starts as this user too
}

// Options say how hosts are reached. SSH and Local are needed.
type Options struct {
	Check, Verify bool
	SSH, Local    transport.Dialer
	Payload       session.Payload // nil: hosts have a runner of their own
	Handshakes    int             // connections being opened at once; 0 means 64
	// Report is told when a host is connected, lost or connected again; may be nil.
	Report func(host, state, text string)
}

// Fleet is the sessions of one run. It is safe for concurrent use.
type Fleet struct {
	Options
	gate  schedule.Gate
	mu    sync.Mutex
	links map[string]*link
}

// New returns a Fleet without connections.
func New(o Options) *Fleet {
	if o.Handshakes <= 0 {
		o.Handshakes = 64
	}
	if o.Report == nil {
		o.Report = func(string, string, string) {}
	}
	return &Fleet{Options: o, gate: schedule.NewGate(o.Handshakes), links: map[string]*link{}}
}

// Do has t run req. The result is never nil; a host that cannot be reached is an
// error of Kind Lost.
func (f *Fleet) Do(ctx context.Context, t Target, req *wire.Request) *wire.Result {
	s, err := f.link(t).open(ctx, t)
	if err != nil {
		return &wire.Result{Err: wireError(err)}
	}
	return s.Do(ctx, req)
}

// Facts are t's facts; those that came when its session was opened, unless fresh
// ones are asked for.
func (f *Fleet) Facts(ctx context.Context, t Target) (*system.Facts, *wire.Error) {
	s, err := f.link(t).open(ctx, t)
	if err != nil {
		return nil, wireError(err)
	}
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, wireError(err)
	}
	return facts, nil
}

// Shell is t without a runner, for modules that need none.
func (f *Fleet) Shell(ctx context.Context, t Target) (system.System, *wire.Error) {
	c, err := f.link(t).connect(ctx, t)
	if err != nil {
		return nil, wireError(err)
	}
	return session.Shell(c), nil
}

// Trips is how many round trips to t its tasks have cost.
func (f *Fleet) Trips(t Target) int64 {
	l := f.link(t)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil {
		return 0
	}
	return l.session.Trips()
}

// Reset closes the connections to the host called name; the next task opens one.
func (f *Fleet) Reset(name string) {
	f.mu.Lock()
	links := slices.Collect(maps.Values(f.links))
	f.mu.Unlock()
	for _, l := range links {
		if l.name == name {
			l.close()
		}
	}
}

// Close ends all sessions.
func (f *Fleet) Close() {
	f.mu.Lock()
	links := slices.Collect(maps.Values(f.links))
	f.mu.Unlock()
	schedule.Each(context.Background(), len(links), f.Handshakes, func(i int) { links[i].close() })
}

func (f *Fleet) link(t Target) *link {
	key := fmt.Sprintf("%s %s %s@%s:%d", t.Name, t.Conn.Kind, t.Conn.User, t.Conn.Address, t.Conn.Port)
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.links[key]
	if l == nil {
		l = &link{fleet: f, name: t.Name}
		f.links[key] = l
	}
	return l
}

// Await waits for a host that goes away to answer again, with another boot id if
// w says so.
func (f *Fleet) Await(ctx context.Context, t Target, w wire.Reconnect) *wire.Error {
	away := &f.link(t).away
	away.Store(true)
	defer away.Store(false)
	before := ""
	if w.NewBoot {
		before = f.link(t).bootID()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.Timeout, fmt.Errorf("no answer within %v", w.Timeout))
	defer cancel()
	if !pause(ctx, w.Delay) {
		return wireError(context.Cause(ctx))
	}
	var last error
	for {
		f.Reset(t.Name)
		s, err := f.link(t).open(ctx, t)
		if err == nil && (before == "" || s.BootID() != before) {
			return nil
		}
		if last = err; err == nil {
			last = errors.New("it has not rebooted yet")
		}
		if !pause(ctx, time.Second) {
			return &wire.Error{Kind: wire.Lost, Text: fmt.Sprintf("wait for the host: %v: %v", context.Cause(ctx), last)}
		}
	}
}

// pause waits for d; false if ctx ended before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
