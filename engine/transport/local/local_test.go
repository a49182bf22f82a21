package local_test

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

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/local"
)

func dial(t *testing.T) (transport.Conn, string) {
	t.Helper()
	home := t.TempDir()
	c, err := local.Dialer{Home: home}.Dial(t.Context(), transport.Target{Host: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, home
}

func TestCommandRunsAtHomeWithItsStreams(t *testing.T) {
	t.Parallel()
	c, home := dial(t)
	p, err := c.Start(t.Context(), `pwd; cat; echo oops >&2; exit 7`)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(p.Stdin(), "hello")
	p.Stdin().Close()
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("Wait: %v", err)
	}
	out, _ := io.ReadAll(p.Stdout())
	errs, _ := io.ReadAll(p.Stderr())
	if string(out) != home+"\nhello" || string(errs) != "oops\n" {
		t.Errorf("stdout %q, stderr %q", out, errs)
	}
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	c, _ := dial(t)
	p, err := c.Start(t.Context(), "sleep 1000 & sleep 1000")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Signal != "KILL" {
		t.Errorf("Wait: %v", err)
	}
	// The background sleep holds stdout open, so its end proves that both are gone.
	if _, err := io.ReadAll(p.Stdout()); err != nil {
		t.Error(err)
	}
	if err := p.Kill(); err != nil {
		t.Errorf("second Kill: %v", err)
	}
}

func TestCloseKillsAndRefusesMore(t *testing.T) {
	t.Parallel()
	c, _ := dial(t)
	p, err := c.Start(t.Context(), "sleep 1000")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	<-c.Done()
	if p.Wait() == nil {
		t.Error("process ended well")
	}
	if _, err := c.Start(t.Context(), "true"); !errors.Is(err, transport.ErrClosed) || !errors.Is(c.Err(), transport.ErrClosed) {
		t.Errorf("Start: %v, Err: %v", err, c.Err())
	}
}

func TestUploadReplacesOrLeavesAlone(t *testing.T) {
	t.Parallel()
	c, home := dial(t)
	put := func(data string, size int64) error {
		return c.Upload(t.Context(), strings.NewReader(data), size, "f", 0o750)
	}
	if err := put("new", 3); err != nil {
		t.Fatal(err)
	}
	var refused *transport.UploadError
	if err := put("short", 99); !errors.As(err, &refused) {
		t.Errorf("short: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(home, "f"))
	info, _ := os.Stat(filepath.Join(home, "f"))
	if err != nil || !bytes.Equal(data, []byte("new")) || info.Mode() != 0o750 {
		t.Errorf("%q, %v, %v", data, info.Mode(), err)
	}
	if left, _ := os.ReadDir(home); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	err = c.Upload(t.Context(), strings.NewReader(""), 0, "no/f", 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Upload(ctx, strings.NewReader(""), 0, "f", 0o600); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
