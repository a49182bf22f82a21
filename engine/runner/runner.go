// Package runner is the host's side: it plans a task, applies the plan to the
// host or predicts it on an overlay, and answers. It knows no playbooks, no
// templates and no connection; Serve gives it a pair of streams.
//
// # Decisions
//
// Check mode is not a second path: Do plans and applies, and what it applies to is
// the host or its overlay. In a check tasks take turns, for each sees what those
// before it predicted; in a run they may overlap.
//
// Secrets are masked here and not by the reporter, so that they do not even travel
// back.
package runner

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/wire"
)

// Options say how a Host works.
type Options struct {
	Check   bool // predict instead of changing the host
	Verify  bool // plan again after applying, and ask for declared effects
	Modules []module.Module
	// User is whose System is given to New, and Login the user that requests
	// without a Become run as; "" is the same as User.
	User, Login string
	// As opens the host as b's user. A failure is a refusal to become that user. nil
	// refuses all. It is called once per user, and by one goroutine at a time.
	As func(ctx context.Context, b wire.Become) (system.System, error)
}

// Host is one host for one run. In a check it holds the predictions of the whole
// run, whatever users its tasks become. It is safe for concurrent use.
type Host struct {
	o       Options
	modules map[string]module.Module
	users   users
	over    *overlay.Overlay // nil unless this is a check
	turn    chan struct{}    // held by the task of a check
}

// New returns a Host that applies to real, or in a check only predicts.
func New(real system.System, o Options) *Host {
	o.Login = cmp.Or(o.Login, o.User)
	h := &Host{o: o, modules: map[string]module.Module{}, turn: make(chan struct{}, 1)}
	h.users = users{own: real, user: o.User, login: o.Login, open: o.As, opened: map[wire.Become]system.System{}}
	if o.Check {
		h.over = overlay.New(system.ReadOnly(real))
	}
	for _, m := range o.Modules {
		h.modules[m.Spec().Name] = m
	}
	return h
}

// System is the host as the user of the process.
func (h *Host) System() system.System { return h.users.own }

// Close ends what As opened. No task may be running.
func (h *Host) Close() { h.users.close() }

// Do plans a task and applies the plan: to the host, or in a check to the
// overlay. It is the same path. The result is never nil, and holds no secret of
// q. It does not return while the task is still at work, also if ctx ends.
func (h *Host) Do(ctx context.Context, q *wire.Request) *wire.Result {
	if h.over != nil && q.Module != wire.Read { // whoever reads may hold another host's turn
		select {
		case h.turn <- struct{}{}:
			defer func() { <-h.turn }()
		case <-ctx.Done():
		}
	}
	start := time.Now()
	if q.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.Timeout)
		defer cancel()
	}
	r, err := h.run(ctx, q)
	r.ID = q.ID
	r.Err = failure(ctx, q, err)
	r.Elapsed = time.Since(start)
	if q.Module != wire.Read { // bytes are no text
		newMask(q, r).result(r)
	}
	return r
}

// run does a task, also one that panics.
func (h *Host) run(ctx context.Context, q *wire.Request) (r *wire.Result, err error) {
	r = &wire.Result{}
	defer func() {
		if p := recover(); p != nil {
			err = crash(q.Module, p)
		}
	}()
	m := h.modules[q.Module]
	if m == nil && q.Module != wire.Look && q.Module != wire.Read {
		return r, fmt.Errorf("look up module %q: the runner has none of that name", q.Module)
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	real, err := h.users.as(ctx, q.Become)
	if err != nil {
		return r, err
	}
	t := &task{Request: q, module: m, real: real, verify: h.o.Verify, result: r}
	t.over = h.overlay(q, real)
	switch {
	case q.Module == wire.Look:
		err = t.look(ctx)
	case q.Module == wire.Read:
		err = t.read(ctx)
	case t.over != nil:
		err = t.check(ctx)
	default:
		err = t.apply(ctx)
	}
	return r, err
}

// overlay is what q is applied to instead of real; nil if it is applied to real.
func (h *Host) overlay(q *wire.Request, real system.System) *overlay.Overlay {
	switch check := h.over != nil; {
	case q.Check != nil && *q.Check && !check:
		return overlay.New(system.ReadOnly(real))
	case check && (q.Check == nil || *q.Check):
		return h.over.As(system.ReadOnly(real))
	}
	return nil
}
