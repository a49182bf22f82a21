package systemtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/system"
)

func known(t *testing.T, s system.System) {
	f := s.Facts()
	if f == nil || f.Arch == "" || f.User.Name == "" {
		t.Errorf("facts %+v", f)
	}
	for _, kind := range []string{"package", "unit", "user", "group", "sysctl", "kernel module", "mount", "swap"} {
		_, err := s.Object(t.Context(), system.Key{Kind: kind, Name: "no-such.thing"})
		is(t, kind, err, fs.ErrNotExist)
	}
	if _, err := system.Get[system.Hostname](t.Context(), s, ""); err != nil {
		t.Errorf("hostname: %v", err)
	}
	if _, err := system.Get[system.Info](t.Context(), s, "/"); err != nil {
		t.Errorf("path: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Object(ctx, system.Key{Kind: "package", Name: "x"})
	is(t, "cancelled", err, context.Canceled)
}

// asks makes a query that depends on nothing, so that a check answers it too.
func asks(t *testing.T, s system.System, c system.Cmd) (system.Output, error) {
	t.Helper()
	c.Reads = []system.Key{}
	return s.Query(t.Context(), c)
}

func queries(t *testing.T, s system.System) {
	out, err := asks(t, s, system.Command("sh", "-c", "echo why >&2; exit 3"))
	if err != nil || out.Code != 3 || string(out.Stderr) != "why\n" || len(out.Stdout) != 0 {
		t.Errorf("exit 3: %+v, %v", out, err)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	out, err = asks(t, s, system.Cmd{Argv: []string{"cat"}, Stdin: all})
	if err != nil || out.Code != 0 || !bytes.Equal(out.Stdout, all) {
		t.Errorf("binary output: %+v, %v", out, err)
	}
	out, err = asks(t, s, system.Cmd{Argv: []string{"cat"}})
	if err != nil || len(out.Stdout) != 0 {
		t.Errorf("no standard input: %+v, %v", out, err)
	}
}

func environment(t *testing.T, s system.System) {
	out, err := asks(t, s, system.Cmd{Argv: []string{"env"}, Env: []string{"SUITE=a b"}})
	if err != nil || !strings.Contains("\n"+string(out.Stdout), "\nSUITE=a b\n") || !strings.Contains(string(out.Stdout), "LANG=C.UTF-8\n") {
		t.Errorf("environment: %s, %v", out.Stdout, err)
	}
}

func refusals(t *testing.T, s system.System) {
	if out, err := asks(t, s, system.Command("echo", "a b", "*")); err != nil || out.Text() != "a b *" {
		t.Errorf("words: %q, %v", out.Text(), err)
	}
	for _, name := range []string{"no-such-program", "/no/such/program"} {
		_, err := asks(t, s, system.Command(name))
		is(t, name, err, fs.ErrNotExist)
	}
	if _, err := asks(t, s, system.Cmd{}); err == nil {
		t.Error("a command without words ran")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Query(ctx, system.Cmd{Argv: []string{"true"}, Reads: []system.Key{}})
	is(t, "cancelled", err, context.Canceled)
}

func failing(t *testing.T, s system.System) {
	tree(t, s)
	opened := system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(&failingReader{bytes.NewReader(pattern(1 << 20))}), nil
	}}
	closed := system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, errCut }}
	before, err := s.ReadDir("/suite/dir")
	must(t, err)
	for _, c := range []system.Content{opened, closed} {
		for _, p := range []string{"/suite/dir/file", "/suite/dir/new"} {
			if err := s.WriteFile(p, c, system.Attrs{}); err == nil || !strings.Contains(err.Error(), errCut.Error()) {
				t.Errorf("%s: %v", p, err)
			}
		}
	}
	holds(t, s, "/suite/dir/file", "text")
	after, err := s.ReadDir("/suite/dir")
	if err != nil || len(after) != len(before) {
		t.Errorf("left behind: %+v, %v", after, err)
	}
}

func commands(t *testing.T, s system.System) {
	ctx := t.Context()
	must(t, s.Run(ctx, system.Command("true"), system.Effects{}))
	var exit *system.ExitError
	err := s.Run(ctx, system.Command("sh", "-c", "echo why >&2; exit 4"), system.Effects{})
	if !errors.As(err, &exit) || exit.Output.Code != 4 || !strings.HasSuffix(err.Error(), "exit status 4: why") {
		t.Errorf("exit 4: %v", err)
	}
	out, err := s.Capture(ctx, system.Command("sh", "-c", "exit 5"), system.Effects{})
	if err != nil || out.Code != 5 {
		t.Errorf("exit 5: %+v, %v", out, err)
	}
	out, err = s.Capture(ctx, system.Cmd{Argv: []string{"cat"}, Stdin: []byte("in")}, system.Effects{})
	if err != nil || string(out.Stdout) != "in" {
		t.Errorf("capture: %+v, %v", out, err)
	}
	_, err = s.Capture(ctx, system.Command("no-such-program"), system.Effects{})
	is(t, "capture", err, fs.ErrNotExist)
	is(t, "run", s.Run(ctx, system.Command("no-such-program"), system.Effects{}), fs.ErrNotExist)
	is(t, "tool", s.Run(ctx, system.Cmd{Argv: []string{"no-such-tool"}, Tool: true}, system.Effects{}), fs.ErrNotExist)
}

func longOutput(t *testing.T, s system.System) {
	out, err := asks(t, s, system.Command("sh", "-c", "yes | head -c 10000000"))
	if err != nil || out.Code != 0 {
		t.Fatal(err)
	}
	n := len(out.Stdout)
	if n < system.MaxOutput || n > system.MaxOutput+100 || !bytes.Contains(out.Stdout, []byte("[5805696 bytes dropped]")) {
		t.Errorf("kept %d bytes", n)
	}
	if !bytes.HasPrefix(out.Stdout, []byte("y\ny\n")) || !bytes.HasSuffix(out.Stdout, []byte("y\ny\n")) {
		t.Errorf("from %q to %q", out.Stdout[:4], out.Stdout[n-4:])
	}
}
