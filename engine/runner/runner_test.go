package runner_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

type step struct {
	module string
	args   args
}

func steps() []step {
	return []step{
		{"write", args{"dest": "/etc/a", "text": "1"}},
		{"write", args{"dest": "/etc/a", "text": "2"}},
		{"run", args{"cmd": "make", "creates": "/srv/made"}},
		{"needs", args{"path": "/etc/a"}},
		{"write", args{"dest": "/etc/b", "text": "x"}},
		{"write", args{"dest": "/etc/a", "text": "1"}},
		{"write", args{"dest": "/etc/a", "text": "2"}},
	}
}

func play(t *testing.T, h *runner.Host, list []step) (out []change.Change) {
	t.Helper()
	for i, s := range list {
		r := do(t, h, s.module, s.args)
		if r.Err != nil || r.Unknown != nil || r.Done != len(r.Changes) {
			t.Fatalf("step %d: %+v", i, r)
		}
		out = append(out, r.Changes...)
	}
	return out
}

func TestCheckRunRunCheck(t *testing.T) {
	t.Parallel()
	f := fake()
	before := maps.Clone(f.Files)
	predicted := play(t, runner.New(f, checking()), steps())
	if len(f.Log) > 0 || !maps.Equal(before, f.Files) {
		t.Fatalf("the check touched the host: %q", f.Log)
	}
	done := play(t, runner.New(f, options()), steps())
	if broken := change.Broken(predicted, done); len(broken) > 0 || len(done) != 7 {
		t.Errorf("broken %q, %d changes", broken, len(done))
	}
	list := steps()[5:] // what a later step undoes is done again
	list = append(list[1:], steps()[2], steps()[4])
	if again := play(t, runner.New(f, options()), list); len(again) > 0 {
		t.Errorf("second run: %+v", again)
	}
	if again := play(t, runner.New(f, checking()), list); len(again) > 0 {
		t.Errorf("second check: %+v", again)
	}
}

func TestOutputOfACommandIsUnknownInACheck(t *testing.T) {
	t.Parallel()
	got := do(t, runner.New(fake(), checking()), "run", args{"cmd": "make"}).Output
	why := func(k string) unknown.Value { return unknown.Value{Why: k + ` of task "t"`} }
	want := args{"changed": true, "stdout": why("stdout"), "deep": []any{args{"x": why("deep")}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = do(t, runner.New(fake(), options()), "run", args{"cmd": "make"}).Output
	want = args{"changed": true, "stdout": "made it", "deep": []any{args{}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestATaskThatMayNotRunIsPossibleAndItsOutputUnknown(t *testing.T) {
	t.Parallel()
	h := runner.New(fake(), checking())
	maybe := func(q *wire.Request) { q.Maybe = "the weather" }
	r := do(t, h, "write", args{"dest": "/etc/a", "text": "x"}, maybe)
	if r.Err != nil || r.Changes[0].Doubt != "the weather" || r.Output["dest"] != (unknown.Value{Why: `dest of task "t"`}) {
		t.Errorf("%+v", r)
	}
	if r = do(t, h, "needs", args{"path": "/etc/none"}, maybe); r.Err != nil || r.Unknown == nil || r.Unknown.Why != "the weather" {
		t.Errorf("%+v", r)
	}
	if r = do(t, h, "needs", args{"path": "/etc/a"}); r.Err != nil || r.Unknown == nil {
		t.Errorf("what may have been written is known: %+v", r)
	}
}

func TestUnknownArgumentsTaintTheirTargets(t *testing.T) {
	t.Parallel()
	h := runner.New(fake(), checking())
	u := unknown.Value{Why: "a token"}
	if r := do(t, h, "write", args{"dest": "/etc/a", "text": u}); r.Unknown == nil || *r.Unknown != u {
		t.Errorf("%+v", r)
	}
	if r := do(t, h, "needs", args{"path": "/etc/a"}); r.Unknown == nil || r.Unknown.Why != "a token" {
		t.Errorf("the target is known: %+v", r)
	}
	if r := do(t, h, "needs", args{"path": "/etc/other"}); r.Err == nil {
		t.Errorf("a contained task reached beyond its target: %+v", r)
	}
	if r := do(t, runner.New(fake(), options()), "write", args{"dest": "/etc/a", "text": u}); r.Err == nil {
		t.Error("a run took an unknown argument")
	}
}

func TestCheckFindsCertainFailuresWordForWord(t *testing.T) {
	t.Parallel()
	for _, s := range []step{
		{"needs", args{"path": "/etc/none"}}, {"write", args{"dest": "/none/x"}}, {"nosuch", nil}, {"write", args{"dset": "/x"}}, {"odd", args{"how": "refuses"}},
	} {
		a, b := do(t, runner.New(fake(), checking()), s.module, s.args), do(t, runner.New(fake(), options()), s.module, s.args)
		a.Elapsed, b.Elapsed = 0, 0
		if diff := cmp.Diff(a, b); diff != "" || a.Err == nil {
			t.Errorf("%s: %s", s.module, diff)
		}
	}
}

func TestErrorsHaveTheirKind(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		q    *wire.Request
		ctx  context.Context
		kind wire.Kind
		want string
	}{
		"arguments": {&wire.Request{Module: "write", Args: args{"dst": "/x"}}, nil, wire.BadArgs, `unknown argument: "dst" for module write`},
		"command":   {&wire.Request{Module: "run", Args: args{"cmd": "false"}}, nil, wire.Command, "false: exit status 3: it broke"},
		"crash":     {&wire.Request{Module: "odd", Args: args{"how": "panics"}}, nil, wire.Crashed, "run module odd: it crashed, which is a bug of gokube: runtime error: index out of range [6] with length 0 (at runner/modules_test.go:"},
		"timeout":   {&wire.Request{Module: "odd", Args: args{"how": "waits"}, Timeout: time.Millisecond}, nil, wire.TimedOut, "longer than its timeout of 1ms"},
		"cancel":    {&wire.Request{Module: "odd", Args: args{"how": "waits"}}, ctx, wire.Cancelled, "cancelled"},
		"become":    {&wire.Request{Module: "odd", Become: wire.Become{Method: "sudo", User: "bob"}}, nil, wire.NoBecome, "become bob: not possible"},
		"module":    {&wire.Request{Module: "nosuch"}, nil, wire.Failed, `look up module "nosuch"`},
	} {
		for _, o := range []runner.Options{options(), checking()} {
			if c.ctx == nil {
				c.ctx = t.Context()
			}
			if o.Check && c.kind == wire.Command {
				continue
			}
			e := runner.New(fake(), o).Do(c.ctx, c.q).Err
			if e == nil || e.Kind != c.kind || !strings.Contains(e.Text, c.want) {
				t.Errorf("%s: %+v", name, e)
			}
			if c.kind == wire.Command && (e.Code != 3 || e.Stderr != "first\nit broke") {
				t.Errorf("%+v", e)
			}
		}
	}
}

func TestSecretsAreMaskedEverywhere(t *testing.T) {
	t.Parallel()
	key := "s3cr'et \"line\"\nBEGIN-of-second-line"
	f := fake()
	f.Commands["leak"] = func(*systemtest.Fake, system.Cmd) system.Output {
		return system.Output{Stdout: []byte(key), Stderr: []byte("no: BEGIN-of-second-line"), Code: 1}
	}
	h := runner.New(f, options())
	for _, r := range []*wire.Result{
		do(t, h, "write", args{"dest": "/etc/k", "key": secret.New(key)}),
		do(t, h, "write", args{"dest": "/etc/k", "text": "other"}, func(q *wire.Request) { q.Secrets = []secret.String{secret.New(key)} }),
		do(t, h, "write", args{"dest": "/none/k" + key, "key": secret.New(key)}),
		do(t, h, "run", args{"cmd": "leak"}, func(q *wire.Request) { q.Secrets = []secret.String{secret.New(key)} }),
	} {
		b, err := wire.EncodeResult(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"s3cr", "BEGIN-of", "line\\"} {
			if strings.Contains(string(b), s) {
				t.Errorf("%q shows in %s", s, b)
			}
		}
	}
	r := do(t, h, "write", args{"dest": "/etc/k", "key": secret.New(key), "text": "a"})
	if c := r.Changes[0]; !c.Before.Secret && !c.After.Secret || c.Before.Secret != c.After.Secret || *c.After.Text != secret.Mask {
		t.Errorf("%+v %+v", c.Before, c.After)
	}
	if got := r.Output["said"]; got != "wrote "+secret.Mask {
		t.Errorf("%q", got)
	}
}

func TestAShortSecretDoesNotBlotEverythingOut(t *testing.T) {
	t.Parallel()
	r := do(t, runner.New(fake(), options()), "write", args{"dest": "/etc/a", "key": secret.New("e")})
	if r.Output["dest"] != "/etc/a" {
		t.Errorf("%+v", r.Output)
	}
}

func TestVerifyNamesTheModule(t *testing.T) {
	t.Parallel()
	o := options()
	o.Verify = true
	for _, c := range []struct {
		step
		want string
	}{
		{step{"write", args{"dest": "/etc/a", "text": "x"}}, ""},
		{step{"run", args{"cmd": "make"}}, ""},
		{step{"odd", args{"how": "reboots"}}, ""},
		{step{"odd", args{"how": "unsettled"}}, "module odd: its second plan is not empty: update file /etc/x"},
		{step{"odd", args{"how": "lies"}}, "module odd: declared effect did not come true: path /etc/lie"},
		{step{"needs", args{"path": "/etc/a"}}, "module needs: its plan after applying is an error"},
	} {
		f := fake()
		h := runner.New(loose{f}, o)
		if c.module == "needs" {
			do(t, h, "write", args{"dest": "/etc/a"})
		}
		if r := do(t, h, c.module, c.args); r.Err != nil || !strings.HasPrefix(r.Bug, c.want) || c.want == "" && r.Bug != "" {
			t.Errorf("%v: bug %q, %+v", c.step, r.Bug, r.Err)
		}
	}
}

func TestATaskMayDepartFromTheSessionsMode(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	f := fake()
	h := runner.New(f, options())
	if r := do(t, h, "write", args{"dest": "/etc/a"}, func(q *wire.Request) { q.Check = &yes }); r.Done != 1 || len(f.Log) > 0 {
		t.Errorf("%+v, %q", r, f.Log)
	}
	h = runner.New(f, checking())
	if r := do(t, h, "write", args{"dest": "/etc/a"}, func(q *wire.Request) { q.Check = &no }); r.Done != 1 || len(f.Log) != 1 {
		t.Errorf("%+v, %q", r, f.Log)
	}
}

func TestEnvironmentReachesCommands(t *testing.T) {
	t.Parallel()
	r := do(t, runner.New(fake(), options()), "run", args{"cmd": "env"}, func(q *wire.Request) { q.Env = []string{"A=b"} })
	if r.Output["stdout"] != "A=b" {
		t.Errorf("%+v", r)
	}
}

func TestReconnectAndFactsAreForRunsOnly(t *testing.T) {
	t.Parallel()
	if r := do(t, runner.New(fake(), options()), "odd", args{"how": "reboots"}); r.Reconnect == nil || !r.Reconnect.NewBoot || !r.Facts {
		t.Errorf("%+v", r)
	}
	if r := do(t, runner.New(fake(), checking()), "odd", args{"how": "reboots"}); r.Reconnect != nil || r.Facts {
		t.Errorf("%+v", r)
	}
	if r := do(t, runner.New(fake(), options()), "odd", args{"how": "nil"}); r.Err != nil {
		t.Errorf("%+v", r)
	}
}

func TestUsersShareThePredictionsAndAreOpenedOnce(t *testing.T) {
	t.Parallel()
	mine, his := fake(), fake()
	opened := 0
	o := checking()
	o.As = func(_ context.Context, b wire.Become) (system.System, error) {
		if opened++; b.User != "bob" {
			return nil, errors.New("become " + b.User + ": no")
		}
		return his, nil
	}
	h := runner.New(mine, o)
	as := func(method, user string) func(*wire.Request) {
		return func(q *wire.Request) { q.Become = wire.Become{Method: method, User: user} }
	}
	do(t, h, "write", args{"dest": "/etc/a"})
	for range 2 {
		if r := do(t, h, "needs", args{"path": "/etc/a"}, as("sudo", "bob")); r.Err != nil && opened != 1 {
			t.Errorf("%+v, opened %d times", r.Err, opened)
		}
		do(t, h, "write", args{"dest": "/etc/a"}, as("sudo", "bob"))
	}
	if r := do(t, h, "needs", args{"path": "/etc/a"}, as("sudo", "")); r.Err != nil {
		t.Errorf("root is another user than root: %+v", r.Err)
	}
	if r := do(t, h, "odd", nil, as("su", "eve")); r.Err == nil || r.Err.Kind != wire.NoBecome || r.Err.Text != "become eve: no" {
		t.Errorf("%+v", r.Err)
	}
	if opened != 2 || len(mine.Log)+len(his.Log) > 0 {
		t.Errorf("opened %d times, %q %q", opened, mine.Log, his.Log)
	}
}

func TestWhatToTypeNextIsToldOnceItIsDone(t *testing.T) {
	t.Parallel()
	a := args{"dest": "/etc/a", "key": secret.New("open sesame")}
	for range 2 {
		if r := do(t, runner.New(fake(), options()), "write", a); r.Next != "show "+secret.Mask {
			t.Errorf("a run says %q", r.Next)
		}
	}
	if r := do(t, runner.New(fake(), checking()), "write", a); r.Next != "" {
		t.Errorf("a check says %q", r.Next)
	}
}

func TestTasksOfACheckTakeTurns(t *testing.T) {
	t.Parallel()
	h := runner.New(fake(), checking())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			h.Do(context.Background(), &wire.Request{Module: "write", Args: args{"dest": "/etc/a", "text": "x"}})
		})
	}
	all.Wait()
	if r := do(t, h, "write", args{"dest": "/etc/a", "text": "x"}); len(r.Changes) > 0 || r.Note == "" {
		t.Errorf("%+v", r)
	}
}

func BenchmarkDo(b *testing.B) {
	h := runner.New(fake(), options())
	q := &wire.Request{Module: "write", Args: args{"dest": "/etc/a", "text": "x"}}
	for b.Loop() {
		if r := h.Do(b.Context(), q); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}
