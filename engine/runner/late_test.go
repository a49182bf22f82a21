package runner_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

type joinArgs struct {
	Mark  string      `arg:"mark" target:"path"`
	Token module.Late `arg:"token"`
	// How it reads the token: "feeds" a command, "content" of the mark, "plan", or
	// in the "step" itself.
	How string `arg:"how"`
}

// join makes a mark with the help of a token.
func join() module.Module {
	return module.Define(module.Spec{Name: "join", Contained: true}, func(_ context.Context, r system.Reader, a *joinArgs) (*module.Plan, error) {
		line := func(s string) []byte { return []byte("token " + s) }
		p := &module.Plan{}
		if a.How == "plan" {
			_, err := a.Token.Value()
			return p, err
		}
		if _, err := r.Lstat(a.Mark); err == nil {
			return p, nil
		}
		p.Add(change.Change{Action: change.Run, Kind: "cluster", Target: "join"}, func(ctx context.Context, s system.System) error {
			switch a.How {
			case "feeds":
				c := system.Cmd{Argv: []string{"make"}, Feed: a.Token.Feed(func(s string) ([]byte, error) { return line(s), nil })}
				return s.Run(ctx, c, system.Closed(system.Holds(a.Mark, system.Info{Attrs: system.Attrs{Owner: "root", Group: "root", Mode: 0o644}})))
			case "content":
				return s.WriteFile(a.Mark, a.Token.Content(line), system.Attrs{})
			}
			_, err := a.Token.Value()
			return err
		})
		return p, nil
	})
}

func joining(check bool) *runner.Host {
	o := options()
	o.Check, o.Modules = check, append(o.Modules, join())
	return runner.New(fake(), o)
}

func TestACheckIsCertainWhateverALateArgument(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "the token"}
	for _, how := range []string{"feeds", "content"} {
		h := joining(true)
		r := do(t, h, "join", args{"mark": "/srv/made", "token": u, "how": how})
		if r.Err != nil || r.Unknown != nil || len(r.Changes) != 1 || !r.Changes[0].Certain() {
			t.Fatalf("%s: %+v", how, r)
		}
		if r = do(t, h, "needs", args{"path": "/srv/made"}); r.Unknown != nil || len(r.Changes) != 1 || !r.Changes[0].Certain() {
			t.Errorf("%s: what it brings about is not believed: %+v", how, r)
		}
	}
}

func TestAStepThatTellsNothingMakesItsTargetsUnknown(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "the token"}
	h := joining(true)
	if r := do(t, h, "join", args{"mark": "/srv/made", "token": u, "how": "step"}); r.Err != nil || len(r.Changes) != 1 {
		t.Fatalf("%+v", r)
	}
	if r := do(t, h, "needs", args{"path": "/srv/made"}); r.Unknown == nil || *r.Unknown != u {
		t.Errorf("its target is known afterwards: %+v", r)
	}
}

func TestAPlanThatNeedsAnUnknownLateArgumentIsUnknown(t *testing.T) {
	t.Parallel()
	u := unknown.Value{Why: "the token"}
	if r := do(t, joining(true), "join", args{"mark": "/srv/made", "token": u, "how": "plan"}); r.Unknown == nil || *r.Unknown != u {
		t.Errorf("%+v", r)
	}
}

func TestARunWithAnUnknownLateArgumentSaysWhatItDependsOn(t *testing.T) {
	t.Parallel()
	r := do(t, joining(false), "join", args{"mark": "/srv/made", "token": unknown.Value{Why: "the token"}, "how": "feeds"})
	if r.Err == nil || !strings.Contains(r.Err.Text, "depends on the token, known after apply") || r.Done != 0 {
		t.Errorf("%+v", r.Err)
	}
	fails := func(q *wire.Request) { q.Args["mark"] = "/srv/abc.def" }
	r = do(t, joining(false), "join", args{"token": secret.New("abc.def"), "how": "feeds"}, fails)
	if r.Err == nil || strings.Contains(r.Err.Text, "abc.def") {
		t.Errorf("%+v", r.Err)
	}
}
