package runner_test

import (
	"context"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

type dirsArgs struct {
	Paths []string `arg:"paths" target:"path"`
}

// dirs makes the directories that are not there.
func dirs() module.Module {
	return module.Define(module.Spec{Name: "dirs"}, func(_ context.Context, r system.Reader, a *dirsArgs) (*module.Plan, error) {
		p := &module.Plan{}
		for _, d := range a.Paths {
			if _, err := r.Lstat(d); err == nil {
				continue
			}
			p.Add(change.Change{Action: change.Create, Kind: "directory", Target: d}, func(_ context.Context, s system.System) error {
				return s.Mkdir(d, system.Attrs{})
			})
		}
		return p, nil
	})
}

// shared is a host on which somebody else makes a directory at the same time.
type shared struct {
	*systemtest.Fake
	theirs string
	always bool
}

func (s shared) Mkdir(p string, a system.Attrs) error {
	if p == s.theirs {
		if err := s.Fake.Mkdir(p, a); err != nil {
			return err
		}
		if s.always {
			defer s.Remove(p)
		}
	}
	return s.Fake.Mkdir(p, a)
}

func TestATargetThatSomebodyElseMakesMeanwhileIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	o := options()
	o.Modules = append(o.Modules, dirs())
	o.Verify = true
	three := args{"paths": []any{"/a", "/b", "/c"}}
	r := do(t, runner.New(shared{Fake: fake(), theirs: "/b"}, o), "dirs", three)
	if r.Err != nil || r.Bug != "" || r.Done != 2 || len(r.Changes) != 2 || r.Changes[0].Target != "/a" || r.Changes[1].Target != "/c" {
		t.Errorf("%+v", r)
	}
	r = do(t, runner.New(shared{Fake: fake(), theirs: "/b", always: true}, o), "dirs", three)
	if r.Err == nil || r.Done != 1 || len(r.Changes) != 3 {
		t.Errorf("it is tried for ever: %+v", r)
	}
}
