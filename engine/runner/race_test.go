package runner_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
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

type appendArgs struct {
	Path string `arg:"path" target:"path"`
	Text string `arg:"text"`
}

// appends makes a file end in text.
func appends() module.Module {
	return module.Define(module.Spec{Name: "append"}, func(_ context.Context, r system.Reader, a *appendArgs) (*module.Plan, error) {
		old, err := system.ReadFile(r, a.Path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		p := &module.Plan{}
		if !bytes.HasSuffix(old, []byte(a.Text)) {
			p.Add(change.Change{Action: change.Update, Kind: "file", Target: a.Path}, func(_ context.Context, s system.System) error {
				return system.Rewrite(s, a.Path, old, system.Data(append(bytes.Clone(old), a.Text...)), system.Attrs{})
			})
		}
		return p, nil
	})
}

// written is a host on which somebody else writes to a file once it has been read.
type written struct {
	*systemtest.Fake
	text *string
}

func (w written) Digest(p string) (string, error) {
	if *w.text != "" {
		w.Files[p] = systemtest.File{Text: *w.text}
		*w.text = ""
	}
	return w.Fake.Digest(p)
}

func TestWhatSomebodyElseWritesMeanwhileIsNotLost(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "old,"} {
		o, text := options(), "theirs,"
		o.Modules = append(o.Modules, appends())
		f := fake()
		if before != "" {
			f.Files["/f"] = systemtest.File{Text: before}
		}
		r := do(t, runner.New(written{Fake: f, text: &text}, o), "append", args{"path": "/f", "text": "ours,"})
		if got := f.Files["/f"].Text; r.Err != nil || r.Done != 1 || got != "theirs,ours," {
			t.Errorf("%q: %+v, file %q", before, r, got)
		}
	}
}
