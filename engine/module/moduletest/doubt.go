package moduletest

import (
	"errors"
	"io/fs"
	"maps"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
)

func isUnknown(err error) bool {
	_, ok := unknown.Of(err)
	return ok
}

// survivesDoubt checks c after a command that may have made anything that was
// not there. What the check then says must be right if the command made nothing,
// and if it made the very paths that the task is about.
func (c *Case) survivesDoubt(t *testing.T, m module.Module) {
	t.Helper()
	o := overlay.New(system.ReadOnly(c.Host()))
	o.Taint("an opaque command", false)
	check := c.predict(t, m, o)
	if check.unknown {
		return
	}
	c.stillTrue(t, m, c.Host(), check, "a command that made nothing")
	f := c.Host()
	if c.appear(m, f) {
		c.stillTrue(t, m, f, check, "a command that made the target")
	}
}

// survivesUnknownArguments has a check know of the task only what it knows of one
// whose other arguments are unknown: what it then says of anything must be so after
// a run.
func (c *Case) survivesUnknownArguments(t *testing.T, m module.Module) {
	t.Helper()
	keys, all := m.Spec().Args.Targets(c.Args)
	if !all || !m.Spec().Contained {
		return
	}
	f := c.Host()
	before := snap(f)
	o := overlay.New(system.ReadOnly(c.Host()))
	o.Taint("an argument", true, keys...)
	if _, err := c.perform(t, m, f); err != nil {
		return
	}
	for _, k := range before.changed(f) {
		if !backup(keys, k) {
			c.endsAlike(t, o, f, []system.Key{k})
		}
	}
}

// survivesLateArguments has a check that does not know the arguments of the type
// Late: what it promises must be what a run that knows them does.
func (c *Case) survivesLateArguments(t *testing.T, m module.Module) {
	t.Helper()
	in := *c
	in.Args = maps.Clone(c.Args)
	for name := range c.Args {
		if f := m.Spec().Args.Field(name); f != nil && f.Type == module.LateText {
			in.Args[name] = unknown.Value{Why: "output of an earlier task"}
		}
	}
	if maps.EqualFunc(in.Args, c.Args, func(a, b any) bool { return isUnknownValue(a) == isUnknownValue(b) }) {
		return
	}
	o := overlay.New(system.ReadOnly(c.Host()))
	check := in.predict(t, m, o)
	if check.unknown {
		return
	}
	f := c.Host()
	before := snap(f)
	c.stillTrue(t, m, f, check, "an unknown argument became known")
	if check.err == nil {
		c.endsAlike(t, o, f, before.changed(f))
	}
}

func isUnknownValue(v any) bool {
	_, ok := v.(unknown.Value)
	return ok
}

// stillTrue compares what a check said before f was known with what f makes of it.
func (c *Case) stillTrue(t *testing.T, m module.Module, f *systemtest.Fake, check prediction, after string) {
	t.Helper()
	done, err := c.perform(t, m, f)
	if check.err != nil {
		if err == nil {
			t.Errorf("after %s the run succeeds, but the check is sure that it fails: %v", after, check.err)
		}
		return
	}
	broken := change.Broken(check.changes, done)
	if err != nil {
		return // what was announced beyond the failure did not happen, and the failure is told
	}
	for _, b := range broken {
		t.Errorf("broken promise after %s: %s\nchecked: %s\ndone: %s", after, b, show(check.changes), show(done))
	}
}

// appear makes a file of every path that the task is about and that is not there,
// and reports whether it made one.
func (c *Case) appear(m module.Module, f *systemtest.Fake) (made bool) {
	targets, _ := m.Spec().Args.Targets(c.Args)
	for _, k := range targets {
		if k.Kind != "path" {
			continue
		}
		if _, err := f.Lstat(k.Name); errors.Is(err, fs.ErrNotExist) {
			made = f.WriteFile(k.Name, system.Data([]byte("it appeared\n")), system.Attrs{}) == nil || made
		}
	}
	f.Log = nil
	return made
}
