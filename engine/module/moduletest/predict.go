package moduletest

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// prediction is what a check says of a case.
type prediction struct {
	changes []change.Change
	unknown bool  // nothing could be said but that the targets may change
	err     error // the task would fail
}

// predict plans c on o and plays the plan there, as a runner does in a check.
func (c *Case) predict(t *testing.T, m module.Module, o *overlay.Overlay) prediction {
	t.Helper()
	o.Task("")
	p, err := m.Plan(t.Context(), system.ReadOnly(o), c.args())
	c.keepsSecrets(t, p, err)
	doubt := o.Doubt()
	if doubt != nil && (err != nil || len(p.Steps) == 0) || isUnknown(err) {
		return prediction{unknown: true}
	}
	if err != nil {
		return prediction{err: err}
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; doubt != nil && !s.Certain {
			s.Doubt = doubt.Why
		}
	}
	changes := p.Changes()
	n, err := p.Predict(t.Context(), o)
	if why, blind := p.Blind(); blind {
		t.Errorf("a step reads an argument that is not known before it has told what it brings about: %v", why)
	}
	c.keepsSecrets(t, p, err)
	if doubt != nil && err != nil {
		return prediction{unknown: true}
	}
	return prediction{changes: changes[:n], err: err}
}

// keepsPromises has a check of a host where nothing is unknown say all that a
// run then does, leave the host alone, and end as the run ends.
func (c *Case) keepsPromises(t *testing.T, m module.Module) {
	t.Helper()
	f := c.Host()
	before := snap(f)
	o := overlay.New(system.ReadOnly(f))
	check := c.predict(t, m, o)
	if touched := before.changed(f); len(touched) > 0 || len(f.Log) != before.log {
		t.Fatalf("the check changed %v, log %q", touched, f.Log[before.log:])
	}
	done, err := c.perform(t, m, f)
	switch {
	case err == nil && check.err != nil:
		t.Fatalf("the check fails, and the run does not: %v", check.err)
	case err != nil && check.err == nil:
		return // a command failed, which a check does not run
	case check.unknown:
		return
	}
	for _, b := range change.Broken(check.changes, done) {
		t.Errorf("broken promise: %s\nchecked: %s\ndone: %s", b, show(check.changes), show(done))
	}
	if err == nil && check.err == nil {
		c.endsAlike(t, o, f, before.changed(f))
	}
}

// perform plans and applies c on f and gives the changes done.
func (c *Case) perform(t *testing.T, m module.Module, f *systemtest.Fake) ([]change.Change, error) {
	t.Helper()
	p, err := c.plan(t, m, f)
	if err != nil {
		return nil, err
	}
	changes := p.Changes()
	n, err := p.Apply(t.Context(), f)
	return changes[:n], err
}

// endsAlike compares what o says of each changed key with f. An answer that is
// unknown is not wrong.
func (c *Case) endsAlike(t *testing.T, o *overlay.Overlay, f *systemtest.Fake, changed []system.Key) {
	t.Helper()
	for _, k := range changed {
		got, err := o.Object(t.Context(), k)
		want := system.Effect{Key: k}
		switch {
		case err == nil:
			want.Value = got
		case !system.Absent(err):
			t.Errorf("after the check, %s: %v", k, err)
			continue
		case isUnknown(err):
			continue
		}
		o.Task("")
		if _, ok := got.(system.Info); ok {
			in, err := o.Lstat(k.Name)
			if err != nil || o.Doubt() != nil {
				continue
			}
			want.Value = in
			sameContent(t, o, f, k.Name, in)
		}
		if err := (system.Effects{Set: []system.Effect{want}}).Verify(t.Context(), f); err != nil {
			t.Errorf("after the check, %v", err)
		}
	}
}

func sameContent(t *testing.T, o *overlay.Overlay, f *systemtest.Fake, p string, in system.Info) {
	t.Helper()
	if in.Type != 0 {
		return
	}
	got, err := o.Digest(p)
	want, werr := f.Digest(p)
	if err == nil && (werr != nil || got != want) {
		text, _ := system.ReadFile(o, p)
		t.Errorf("after the check, %s holds %q, and after the run %q (%v)", p, text, f.Files[p].Text, werr)
	}
}
