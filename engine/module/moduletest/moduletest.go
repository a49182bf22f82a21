// Package moduletest runs the contract every module must keep, over tables of
// cases: planning touches nothing, the plan is the wanted one, applying it
// reaches the wanted host, planning again finds nothing left to do, failures are
// told, secrets are kept, and a check promises nothing that a run does not keep.
// It knows no particular module.
//
// # Decisions
//
// Every check of a case builds its own host, so that none sees what another did
// and a table needs to say no more than the case itself.
package moduletest

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// Case is one row of a module's test table.
type Case struct {
	Name string
	// Host makes the host as it is before; nil is systemtest.New. It is called
	// many times and must make the same host each time.
	Host func() *systemtest.Fake
	Args module.Args
	Want []change.Change // the plan; nil if there is nothing to do
	Then Then            // the host after applying
	// Output, if not nil, holds the leaves that the Output must have after
	// applying; it may have more.
	Output map[string]any
	// Err is part of the error that planning or applying must give; the host must
	// then be as it was if planning gave it.
	Err string
	// OpaqueAgain says that the task runs each time, so that a second plan equals
	// the first.
	OpaqueAgain bool
}

// Then is what must hold on a host; what it does not name is not looked at.
type Then struct {
	// Files are paths and what is there; Attrs left at zero are not looked at.
	Files   map[string]systemtest.File
	Gone    []string // paths that must not be there
	Objects map[system.Key]system.Object
	Lacks   []system.Key // objects that must not be there
	// Ran, if not nil, are the commands run, in order.
	Ran []string
}

// Run checks the contract of m for every case, each in a parallel subtest.
func Run(t *testing.T, m module.Module, cases []Case) {
	t.Helper()
	m = prepared{m}
	for _, c := range cases {
		if c.Host == nil {
			c.Host = systemtest.New
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.applies(t, m)
			c.failsInTheMiddle(t, m)
			c.keepsPromises(t, m)
			c.survivesDoubt(t, m)
			c.survivesUnknownArguments(t, m)
			c.survivesLateArguments(t, m)
		})
	}
}

// plan plans c on f, which must stay as it is.
func (c *Case) plan(t *testing.T, m module.Module, f *systemtest.Fake) (*module.Plan, error) {
	t.Helper()
	before := snap(f)
	p, err := m.Plan(t.Context(), system.ReadOnly(f), c.args())
	if touched := before.changed(f); len(touched) > 0 || len(f.Log) != before.log {
		t.Fatalf("planning changed %v, log %q", touched, f.Log[before.log:])
	}
	c.keepsSecrets(t, p, err)
	if err == nil && p == nil {
		t.Fatal("the plan is nil without an error")
	}
	return p, err
}

// applies is the main road: plan, apply, look, plan again.
func (c *Case) applies(t *testing.T, m module.Module) {
	t.Helper()
	f := c.Host()
	before := snap(f)
	p, err := c.plan(t, m, f)
	if err != nil {
		c.expect(t, err)
		return
	}
	c.compare(t, "plan", p)
	_, err = p.Apply(t.Context(), f)
	c.keepsSecrets(t, p, err)
	if c.Err != "" || err != nil {
		c.expect(t, err)
		return
	}
	c.contained(t, m, f, before.changed(f))
	c.Then.check(t, f, f.Log[before.log:])
	c.outputs(t, p.Output)
	again, err := c.plan(t, m, f)
	if err != nil {
		t.Fatalf("plan again: %v", err)
	}
	if c.OpaqueAgain {
		return
	}
	if cs := again.Changes(); len(cs) > 0 {
		t.Fatalf("not idempotent, the second plan is:\n%s", show(cs))
	}
}

func (c *Case) compare(t *testing.T, what string, p *module.Plan) {
	t.Helper()
	if c.Err != "" && c.Want == nil {
		return
	}
	if diff := cmp.Diff(c.Want, p.Changes()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// expect ends a case that failed.
func (c *Case) expect(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
		t.Fatalf("there is no error, want %q", c.Err)
	case c.Err == "" || !strings.Contains(err.Error(), c.Err):
		t.Fatalf("the error is %q, want %q", err, c.Err)
	}
}

func (c *Case) outputs(t *testing.T, got map[string]any) {
	t.Helper()
	for k, want := range c.Output {
		if diff := cmp.Diff(want, got[k]); diff != "" {
			t.Errorf("output %s (-want +got):\n%s", k, diff)
		}
	}
	for k, v := range got {
		if _, pending := v.(module.Pending); pending {
			t.Errorf("output %s is still pending after applying", k)
		}
	}
}

// check compares a host, and what was logged since, with what must hold.
func (w Then) check(t *testing.T, f *systemtest.Fake, log []string) {
	t.Helper()
	for p, want := range w.Files {
		compareFile(t, f, p, want)
	}
	for _, p := range w.Gone {
		if _, err := f.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", p, err)
		}
	}
	for k, want := range w.Objects {
		got, err := f.Object(t.Context(), k)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", k, err, diff)
		}
	}
	for _, k := range w.Lacks {
		if got, err := f.Object(t.Context(), k); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %+v (%v)", k, got, err)
		}
	}
	if ran := commands(log); w.Ran != nil {
		if diff := cmp.Diff(w.Ran, ran); diff != "" {
			t.Errorf("commands (-want +got):\n%s", diff)
		}
	}
}

func compareFile(t *testing.T, f *systemtest.Fake, p string, want systemtest.File) {
	t.Helper()
	in, err := f.Lstat(p)
	if err != nil {
		t.Errorf("after applying: %v", err)
		return
	}
	got := systemtest.File{Type: in.Type, Target: in.Target, Attrs: want.Attrs}
	if want.Attrs.Over(in.Attrs) != in.Attrs {
		got.Attrs = in.Attrs
	}
	if in.Type == 0 {
		data, _ := system.ReadFile(f, p)
		got.Text = string(data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", p, diff)
	}
}

func commands(log []string) []string {
	out := []string{}
	for _, l := range log {
		if c, ok := strings.CutPrefix(l, "run "); ok {
			out = append(out, c)
		}
	}
	return out
}
