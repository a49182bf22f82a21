package moduletest

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

var errInjected = errors.New("injected failure")

// failsInTheMiddle has the host fail at each step in turn: the failure must be
// told, and count the steps before it, and the task played again must then reach
// what it would have reached at once.
func (c *Case) failsInTheMiddle(t *testing.T, m module.Module) {
	t.Helper()
	for n := range len(c.Want) {
		f := c.Host()
		p, err := c.plan(t, m, f)
		if err != nil || c.Err != "" {
			return
		}
		s := &failing{Fake: f}
		do := p.Steps[n].Do
		p.Steps[n].Do = func(ctx context.Context, _ system.System) error {
			s.broken = true
			defer func() { s.broken = false }()
			return do(ctx, s)
		}
		done, err := p.Apply(t.Context(), s)
		if !s.refused {
			continue // a step that only waits or asks cannot be made to fail this way
		}
		if done != n || err == nil {
			t.Fatalf("with a failure in step %d of %d: done %d, error %v", n+1, len(p.Steps), done, err)
		}
		c.keepsSecrets(t, p, err)
		c.heals(t, m, f)
	}
}

func (c *Case) heals(t *testing.T, m module.Module, f *systemtest.Fake) {
	t.Helper()
	p, err := c.plan(t, m, f)
	if err == nil {
		_, err = p.Apply(t.Context(), f)
	}
	if err != nil {
		t.Fatalf("the task played again after a failure: %v", err)
	}
	then := c.Then
	then.Ran = nil
	then.check(t, f, nil)
}

// failing is a Fake that can be read, and refuses every change while broken.
type failing struct {
	*systemtest.Fake
	broken, refused bool
}

func (f *failing) fail(op, p string) error {
	f.refused = true
	return &fs.PathError{Op: op, Path: p, Err: errInjected}
}

// WriteFile fails while f is broken.
func (f *failing) WriteFile(p string, c system.Content, a system.Attrs) error {
	if f.broken {
		return f.fail("write", p)
	}
	return f.Fake.WriteFile(p, c, a)
}

// Mkdir fails while f is broken.
func (f *failing) Mkdir(p string, a system.Attrs) error {
	if f.broken {
		return f.fail("mkdir", p)
	}
	return f.Fake.Mkdir(p, a)
}

// Symlink fails while f is broken.
func (f *failing) Symlink(target, p string) error {
	if f.broken {
		return f.fail("symlink", p)
	}
	return f.Fake.Symlink(target, p)
}

// SetAttrs fails while f is broken.
func (f *failing) SetAttrs(p string, a system.Attrs) error {
	if f.broken {
		return f.fail("set attributes", p)
	}
	return f.Fake.SetAttrs(p, a)
}

// Remove fails while f is broken.
func (f *failing) Remove(p string) error {
	if f.broken {
		return f.fail("remove", p)
	}
	return f.Fake.Remove(p)
}

// Run fails while f is broken.
func (f *failing) Run(ctx context.Context, c system.Cmd, e system.Effects) error {
	if f.broken {
		return f.fail("run", c.String())
	}
	return f.Fake.Run(ctx, c, e)
}

// Capture fails while f is broken.
func (f *failing) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	if f.broken {
		return system.Output{}, f.fail("run", c.String())
	}
	return f.Fake.Capture(ctx, c, e)
}
