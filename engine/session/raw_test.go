package session_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/engine/system"
)

func TestAHostWithoutARunnerRunsCommands(t *testing.T) {
	t.Parallel()
	s := session.Shell(newShell(t))
	out, err := s.Capture(t.Context(), system.Cmd{Argv: []string{"sh", "-c", "cat; pwd >&2; exit 3"}, Stdin: []byte("in")}, system.Effects{})
	if string(out.Stdout) != "in" || out.Code != 3 || err != nil {
		t.Errorf("%+v, %v", out, err)
	}
	c := system.Cmd{Argv: []string{"sh", "-c", `echo "$1 $A"; pwd`, "x", "it's $HOME"}, Dir: "/", Env: []string{"A=b c"}}
	out, err = s.Query(t.Context(), c)
	if out.Text() != "it's $HOME b c\n/" || err != nil {
		t.Errorf("%q, %v", out.Text(), err)
	}
	var exit *system.ExitError
	if err := s.Run(t.Context(), system.Command("sh", "-c", "echo no >&2; exit 1"), system.Effects{}); !errors.As(err, &exit) || !strings.Contains(err.Error(), "no") {
		t.Error(err)
	}
	if _, err := s.Lstat("/"); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

func TestHugeOutputIsClipped(t *testing.T) {
	t.Parallel()
	out, err := session.Shell(newShell(t)).Query(t.Context(), system.Command("sh", "-c", "echo first; head -c 100000000 /dev/zero; echo last"))
	if err != nil || len(out.Stdout) > system.MaxOutput+100 || !strings.HasPrefix(string(out.Stdout), "first\n") || !strings.HasSuffix(string(out.Stdout), "last\n") {
		t.Errorf("%d bytes, %v", len(out.Stdout), err)
	}
	if !strings.Contains(string(out.Stdout), "bytes dropped") {
		t.Error("it is not said that something is missing")
	}
}

func TestACommandEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := session.Shell(newShell(t)).Query(ctx, system.Command("sleep", "60")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
