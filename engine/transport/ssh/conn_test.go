package ssh_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/sshtest"
)

// talk runs a command with input and returns what it printed.
func talk(t *testing.T, c transport.Conn, input string) string {
	t.Helper()
	p, err := c.Start(t.Context(), "echo")
	check(t, err)
	go io.Copy(io.Discard, p.Stderr())
	io.WriteString(p.Stdin(), input)
	p.Stdin().Close()
	out, err := io.ReadAll(p.Stdout())
	check(t, err)
	check(t, p.Wait())
	return string(out)
}

func TestCommandHasStreamsAndExitStatus(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: realShell(t.TempDir()), Banner: "Welcome\n"})
	p, err := l.dial(t).Start(t.Context(), "cat; echo oops >&2; exit 7")
	check(t, err)
	io.WriteString(p.Stdin(), "hello")
	p.Stdin().Close()
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("Wait: %v", err)
	}
	out, _ := io.ReadAll(p.Stdout())
	errs, _ := io.ReadAll(p.Stderr())
	if string(out) != "Welcome\nhello" || string(errs) != "oops\n" {
		t.Errorf("stdout %q, stderr %q", out, errs)
	}
}

func TestKillEndsACommand(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: func(ctx context.Context, _ string, _ io.Reader, _, _ io.Writer) int {
		<-ctx.Done()
		return 1
	}})
	p, err := l.dial(t).Start(t.Context(), "sleep")
	check(t, err)
	check(t, p.Kill())
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Signal != "KILL" {
		t.Errorf("Wait: %v", err)
	}
	check(t, p.Kill())
}

func TestSilentHostIsNoticed(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: echo})
	l.options.KeepAlive, l.options.KeepAliveCount = 20*time.Millisecond, 4
	c := l.dial(t)
	p, err := c.Start(t.Context(), "cat")
	check(t, err)
	l.host.Stall()
	if err := p.Wait(); !errors.Is(err, transport.ErrUnreachable) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Wait: %v", err)
	}
	if rest, err := io.ReadAll(p.Stdout()); len(rest) != 0 || err != nil {
		t.Errorf("stdout: %q, %v", rest, err)
	}
	<-c.Done()
	t.Log(c.Err())
	if _, err := c.Start(t.Context(), "cat"); !errors.Is(err, transport.ErrUnreachable) {
		t.Errorf("Start: %v", err)
	}
}

func TestIdleHostThatAnswersIsKept(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: echo})
	l.options.KeepAlive, l.options.KeepAliveCount = 5*time.Millisecond, 20
	c := l.dial(t)
	select {
	case <-c.Done():
		t.Fatal(c.Err())
	case <-time.After(150 * time.Millisecond):
	}
	if got := talk(t, c, "still"); got != "still" {
		t.Errorf("%q", got)
	}
}

func TestResetIsNoticed(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: echo})
	c := l.dial(t)
	p, err := c.Start(t.Context(), "cat")
	check(t, err)
	l.host.Reset()
	var lost *transport.UnreachableError
	if err := p.Wait(); !errors.As(err, &lost) || lost.Phase != transport.PhaseEstablished || !errors.Is(c.Err(), err) {
		t.Errorf("Wait: %v", err)
	}
	t.Log(lost)
	if _, err := p.Stdin().Write([]byte("x")); err == nil {
		t.Error("wrote to a lost process")
	}
}

func TestMissingExitStatusIsNotSuccess(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: func(context.Context, string, io.Reader, io.Writer, io.Writer) int {
		return sshtest.NoStatus
	}})
	c := l.dial(t)
	p, err := c.Start(t.Context(), "x")
	check(t, err)
	if err := p.Wait(); !errors.Is(err, transport.ErrUnreachable) {
		t.Errorf("Wait: %v", err)
	}
	c.Close()
	if !errors.Is(c.Err(), transport.ErrClosed) {
		t.Errorf("Err: %v", c.Err())
	}
}

func TestOneSessionIsEnoughForUploadThenStart(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: echo, MaxSessions: 1, Home: t.TempDir()})
	c := l.dial(t)
	for range 5 {
		check(t, c.Upload(t.Context(), strings.NewReader("x"), 1, "f", 0o600))
	}
	if got := talk(t, c, "x"); got != "x" {
		t.Errorf("%q", got)
	}
	p, err := c.Start(t.Context(), "cat")
	check(t, err)
	var refused *transport.SessionError
	if _, err := c.Start(t.Context(), "cat"); !errors.As(err, &refused) || !strings.Contains(err.Error(), "MaxSessions") {
		t.Errorf("second session: %v", err)
	}
	if err := c.Upload(t.Context(), strings.NewReader("x"), 1, "f", 0o600); !errors.As(err, &refused) {
		t.Errorf("upload beside a process: %v", err)
	}
	p.Stdin().Close()
	check(t, p.Wait())
}

func TestUploadWithAndWithoutSFTP(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("0123456789abcdef"), 300_000)
	for name, sftp := range map[string]bool{"sftp": true, "shell": false} {
		for _, banner := range []string{"", "Welcome to this host\n"} {
			t.Run(name+banner, func(t *testing.T) {
				t.Parallel()
				home := t.TempDir()
				config := sshtest.Config{Shell: realShell(home), Banner: banner}
				if sftp {
					config.Home = home
				}
				uploads(t, newLab(t, config).dial(t), home, big)
			})
		}
	}
}

func uploads(t *testing.T, c transport.Conn, home string, big []byte) {
	put := func(path string, data []byte, size int) error {
		return c.Upload(t.Context(), bytes.NewReader(data), int64(size), path, 0o750)
	}
	check(t, put("it's", []byte("old"), 3))
	check(t, put("it's", big, len(big)))
	check(t, put(filepath.Join(home, "absolute"), nil, 0))
	if err := put("it's", []byte("short"), 99); !errors.As(err, new(*transport.UploadError)) {
		t.Errorf("short: %v", err)
	}
	err := put("no/f", []byte("x"), 1)
	if !errors.As(err, new(*transport.UploadError)) {
		t.Errorf("missing directory: %v", err)
	}
	t.Log(err)
	data, err := os.ReadFile(filepath.Join(home, "it's"))
	info, _ := os.Stat(filepath.Join(home, "it's"))
	if err != nil || !bytes.Equal(data, big) || info.Mode() != 0o750 {
		t.Errorf("%d bytes, %v, %v", len(data), info.Mode(), err)
	}
	if left, _ := os.ReadDir(home); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUploadErrorsKeepTheirKind(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, config := range []sshtest.Config{{Home: home}, {Shell: realShell(home)}} {
		err := newLab(t, config).dial(t).Upload(t.Context(), strings.NewReader("x"), 1, "no/f", 0o600)
		if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, new(*transport.UploadError)) {
			t.Error(err)
		}
	}
}

func TestConnectionLostDuringUpload(t *testing.T) {
	t.Parallel()
	for _, sftp := range []bool{true, false} {
		for name, faults := range map[string]sshtest.Faults{"reset": {ResetAfter: 1 << 20}, "stall": {StallAfter: 1 << 20}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				home := t.TempDir()
				config := sshtest.Config{Shell: realShell(home), Faults: faults}
				if sftp {
					config.Home = home
				}
				l := newLab(t, config)
				l.options.KeepAlive, l.options.KeepAliveCount = 50*time.Millisecond, 4
				c := l.dial(t)
				err := c.Upload(t.Context(), bytes.NewReader(make([]byte, 8<<20)), 8<<20, "f", 0o600)
				if !errors.Is(err, transport.ErrUnreachable) {
					t.Error(err)
				}
				if _, err := os.Stat(filepath.Join(home, "f")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("a half-written file is there: %v", err)
				}
			})
		}
	}
}

func TestUploadThatStandsStillIsGivenUp(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Shell: func(ctx context.Context, _ string, _ io.Reader, _, _ io.Writer) int {
		<-ctx.Done()
		return 0
	}})
	l.options.UploadStall = 100 * time.Millisecond
	err := l.dial(t).Upload(t.Context(), bytes.NewReader(make([]byte, 8<<20)), 8<<20, "f", 0o600)
	if !errors.As(err, new(*transport.UploadError)) || !strings.Contains(err.Error(), "no progress") {
		t.Error(err)
	}
}

func TestUploadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLab(t, sshtest.Config{Home: t.TempDir()})
	c := l.dial(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), reader(func(b []byte) (int, error) { cancel(); return len(b), nil }))
	if err := c.Upload(ctx, r, 1<<30, "f", 0o600); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }
