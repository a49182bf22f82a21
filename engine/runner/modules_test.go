package runner_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/wire"
)

type writeArgs struct {
	Dest string        `arg:"dest,required" target:"path"`
	Text string        `arg:"text"`
	Key  secret.String `arg:"key"`
}

// write makes a file hold text and key.
func write() module.Module {
	return module.Define(module.Spec{Name: "write", Contained: true}, func(ctx context.Context, r system.Reader, a *writeArgs) (*module.Plan, error) {
		want := a.Text + a.Key.Reveal()
		before, err := system.ReadFile(r, a.Dest)
		if err != nil && !system.Absent(err) {
			return nil, err
		}
		p := &module.Plan{Output: map[string]any{"dest": a.Dest, "said": "wrote " + a.Key.Reveal()}, Note: "it says so", Next: "show " + a.Key.Reveal()}
		if err == nil && string(before) == want {
			return p, nil
		}
		c := change.Change{Action: change.Create, Kind: "file", Target: a.Dest, After: (&change.Value{}).WithText([]byte(want), "")}
		if err == nil {
			c.Action, c.Before = change.Update, (&change.Value{}).WithText(before, "")
		}
		p.Note = ""
		p.Add(c, func(_ context.Context, s system.System) error {
			return s.WriteFile(a.Dest, system.Data([]byte(want)), system.Attrs{})
		}).Certain = true
		return p, nil
	})
}

type needsArgs struct {
	Path string `arg:"path" target:"path"`
}

// needs fails unless there is a path, and else deletes it.
func needs() module.Module {
	return module.Define(module.Spec{Name: "needs", Contained: true}, func(_ context.Context, r system.Reader, a *needsArgs) (*module.Plan, error) {
		p := &module.Plan{}
		if _, err := r.Lstat(a.Path); err != nil {
			return nil, err
		}
		p.Add(change.Change{Action: change.Delete, Kind: "file", Target: a.Path}, func(_ context.Context, s system.System) error {
			return s.Remove(a.Path)
		})
		return p, nil
	})
}

type runArgs struct {
	Cmd  string `arg:"cmd,required"`
	Sets string `arg:"sets"` // a path that it declares
	Once string `arg:"creates"`
}

// run is an opaque command.
func run() module.Module {
	return module.Define(module.Spec{Name: "run"}, func(_ context.Context, r system.Reader, a *runArgs) (*module.Plan, error) {
		p := &module.Plan{Output: map[string]any{"changed": true, "stdout": module.Pending{}, "deep": []any{map[string]any{"x": module.Pending{}}}}}
		if a.Once != "" {
			_, err := r.Lstat(a.Once)
			if err == nil {
				return &module.Plan{}, nil
			} else if !system.Absent(err) {
				return nil, err
			}
		}
		e := system.Effects{}
		if a.Sets != "" {
			e = system.Closed(system.Effect{Key: system.Path(a.Sets), Value: system.Info{}})
		}
		p.Add(change.Change{Action: change.Run, Kind: "command", Target: a.Cmd}, func(ctx context.Context, s system.System) error {
			c := system.Command(a.Cmd)
			out, err := s.Capture(ctx, c, e)
			if err != nil {
				return err
			}
			p.Output["stdout"] = out.Text()
			return out.Err(c)
		})
		return p, nil
	})
}

type oddArgs struct {
	How string `arg:"how"`
}

// odd misbehaves.
func odd() module.Module {
	return module.Define(module.Spec{Name: "odd"}, func(ctx context.Context, r system.Reader, a *oddArgs) (*module.Plan, error) {
		p := &module.Plan{}
		switch a.How {
		case "nil":
			return nil, nil
		case "panics":
			var none []string
			p.Note = none[len(a.How)]
		case "waits":
			<-ctx.Done()
			return nil, ctx.Err()
		case "reboots":
			p.Reconnect, p.Facts = &module.Reconnect{NewBoot: true}, true
		case "unsettled":
			p.Add(change.Change{Action: change.Update, Kind: "file", Target: "/etc/x"}, func(context.Context, system.System) error { return nil })
		case "lies":
			p.Add(change.Change{Action: change.Run, Kind: "command", Target: "x"}, func(ctx context.Context, s system.System) error {
				return s.Run(ctx, system.Command("true"), system.Closed(system.Effect{Key: system.Path("/etc/lie"), Value: system.Info{}}))
			})
		case "refuses":
			return nil, errors.New("refuse: no")
		}
		return p, nil
	})
}

// loose is a Fake whose commands are not held to what is declared.
type loose struct{ *systemtest.Fake }

func (l loose) Run(ctx context.Context, c system.Cmd, _ system.Effects) error {
	return l.Fake.Run(ctx, c, system.Effects{})
}

func fake() *systemtest.Fake {
	f := systemtest.New()
	f.Commands["true"] = systemtest.Prints("")
	f.Commands["false"] = systemtest.Fails(3, "first\nit broke")
	f.Commands["make"] = func(f *systemtest.Fake, _ system.Cmd) system.Output {
		f.Files["/srv/made"] = systemtest.File{}
		return system.Output{Stdout: []byte("made it\n")}
	}
	f.Commands["env"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
		return system.Output{Stdout: []byte(c.Env[0])}
	}
	return f
}

func options() runner.Options {
	return runner.Options{Modules: []module.Module{write(), needs(), run(), odd()}, User: "root"}
}

func checking() runner.Options {
	o := options()
	o.Check = true
	return o
}

type args = map[string]any

func do(t *testing.T, h *runner.Host, name string, a args, more ...func(*wire.Request)) *wire.Result {
	t.Helper()
	q := &wire.Request{ID: 5, Task: "t", Module: name, Args: a}
	for _, m := range more {
		m(q)
	}
	r := h.Do(t.Context(), q)
	if r.ID != q.ID {
		t.Errorf("result has number %d", r.ID)
	}
	return r
}
