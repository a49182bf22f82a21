package local_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
)

// pids waits for a file with n numbers.
func pids(t *testing.T, p string, n int) (out []int) {
	t.Helper()
	for len(out) < n {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
		data, _ := os.ReadFile(p)
		out = nil
		for _, w := range strings.Fields(string(data)) {
			if pid, err := strconv.Atoi(w); err == nil {
				out = append(out, pid)
			}
		}
	}
	return out
}

// gone waits until a process is no more, or is a zombie.
func gone(t *testing.T, pid int) {
	t.Helper()
	for unix.Kill(pid, 0) == nil {
		stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if _, rest, _ := strings.Cut(string(stat), ") "); strings.HasPrefix(rest, "Z") {
			return
		}
		if err := t.Context().Err(); err != nil {
			t.Fatalf("process %d is still there", pid)
		}
		runtime.Gosched()
	}
}

func TestACancelledCommandLeavesNothingOfItsGroup(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"obeying":        `sleep 1000 & echo $! $$ > "$F"; wait`,
		"deaf":           `trap "" TERM; sleep 1000 & echo $! $$ > "$F"; while :; do wait; done`,
		"leaving a deaf": `(trap "" TERM; while :; do sleep 1000; done) & echo $! $$ > "$F"; wait`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := local.New(local.Options{Grace: 20 * time.Millisecond})
			p := filepath.Join(t.TempDir(), "pids")
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := s.Query(ctx, system.Cmd{Argv: []string{"sh", "-c", script}, Env: []string{"F=" + p}})
				done <- err
			}()
			all := pids(t, p, 2)
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			for _, pid := range all {
				gone(t, pid)
			}
		})
	}
}

func TestADaemonThatKeepsTheOutputOpenIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{Grace: 20 * time.Millisecond})
	p := filepath.Join(t.TempDir(), "pid")
	out, err := s.Query(t.Context(), system.Cmd{Argv: []string{"sh", "-c", `sleep 1000 & echo $! > "$F"; echo started`}, Env: []string{"F=" + p}})
	if err != nil || out.Code != 0 || out.Text() != "started" {
		t.Errorf("got %+v, %v", out, err)
	}
	pid := pids(t, p, 1)[0]
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Errorf("the daemon was ended: %v", err)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{})
	for script, want := range map[string]int{"exit 0": 0, "exit 255": 255, "kill -9 $$": 137, "kill -TERM $$": 143} {
		out, err := s.Query(t.Context(), system.Command("sh", "-c", script))
		if err != nil || out.Code != want {
			t.Errorf("%s: got %d, %v; want %d", script, out.Code, err, want)
		}
	}
}

func TestAHundredMegabytesOfOutputAreClipped(t *testing.T) {
	t.Parallel()
	s := local.New(local.Options{})
	out, err := s.Query(t.Context(), system.Command("sh", "-c", "echo first; yes | head -c 100000000; echo last; echo also >&2"))
	if err != nil || out.Code != 0 || string(out.Stderr) != "also\n" {
		t.Fatal(out.Code, string(out.Stderr), err)
	}
	text := string(out.Stdout)
	if len(text) > system.MaxOutput+100 || !strings.HasPrefix(text, "first\n") || !strings.HasSuffix(text, "y\nlast\n") || !strings.Contains(text, " bytes dropped]\n") {
		t.Errorf("kept %d bytes", len(text))
	}
}

func TestProgramsAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"here": 0o755, "data": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho ran $*\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	s := local.New(local.Options{Tools: func(_ context.Context, name string) (string, error) {
		if name == "fetch" {
			return dir + "/here", nil
		}
		return "", fs.ErrNotExist
	}})
	env := []string{"PATH=:" + dir}
	for _, c := range []system.Cmd{
		{Argv: []string{dir + "/here"}}, {Argv: []string{"here"}, Env: env}, {Argv: []string{"./here"}, Dir: dir}, {Argv: []string{"fetch"}, Tool: true},
	} {
		want := "ran"
		if c.Tool {
			want = "ran fetch"
		}
		if out, err := s.Query(t.Context(), c); err != nil || out.Text() != want {
			t.Errorf("%s: %q, %v", c, out.Text(), err)
		}
	}
	for _, c := range []system.Cmd{{Argv: []string{"here"}}, {Argv: []string{"other"}, Tool: true}, {Argv: []string{"data"}, Env: env}} {
		if _, err := s.Query(t.Context(), c); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", c, err)
		}
	}
	if _, err := s.Query(t.Context(), system.Command(dir+"/data")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("no program: %v", err)
	}
	if _, err := s.Query(t.Context(), system.Cmd{Argv: []string{"true"}, Dir: dir + "/no"}); err == nil || !strings.Contains(err.Error(), "enter "+dir+"/no") {
		t.Errorf("no directory: %v", err)
	}
}

func TestTheEnvironmentIsClean(t *testing.T) {
	t.Setenv("SECRET_OF_THE_RUNNER", "x")
	s := local.New(local.Options{})
	out, err := s.Query(t.Context(), system.Cmd{Argv: []string{"env"}, Env: []string{"LANG=de_DE"}})
	text := string(out.Stdout)
	if err != nil || strings.Contains(text, "SECRET") || !strings.Contains(text, "LANG=de_DE\n") || strings.Contains(text, "LANG=C") || !strings.Contains(text, "\nHOME=/") {
		t.Errorf("%s, %v", text, err)
	}
}
