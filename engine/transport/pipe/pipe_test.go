package pipe_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/pipe"
)

func echo(_ context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) int {
	if command == "fail" {
		fmt.Fprint(stderr, "no")
		return 3
	}
	in := bufio.NewScanner(stdin)
	for in.Scan() {
		fmt.Fprintln(stdout, in.Text())
	}
	return 0
}

func dial(t *testing.T, h *pipe.Host) transport.Conn {
	t.Helper()
	c, err := pipe.Dialer{"h": h}.Dial(t.Context(), transport.Target{Host: "h"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func start(t *testing.T, c transport.Conn, command string) transport.Process {
	t.Helper()
	p, err := c.Start(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRoundTripsAreTurnsFromReadingToWriting(t *testing.T) {
	t.Parallel()
	h := pipe.NewHost(echo)
	p := start(t, dial(t, h), "cat")
	out := bufio.NewReader(p.Stdout())
	for i := range 3 {
		fmt.Fprintf(p.Stdin(), "line ")
		fmt.Fprintf(p.Stdin(), "%d\n", i)
		if got, _ := out.ReadString('\n'); got != fmt.Sprintf("line %d\n", i) {
			t.Fatalf("line %d is %q", i, got)
		}
	}
	p.Stdin().Close()
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	want := pipe.Counts{Dials: 1, Starts: 1, RoundTrips: 3, Sent: 21, Received: 21}
	if diff := cmp.Diff(want, h.Counts()); diff != "" {
		t.Error(diff)
	}
}

func TestExitStatusAndStderrArrive(t *testing.T) {
	t.Parallel()
	p := start(t, dial(t, pipe.NewHost(echo)), "fail")
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Code != 3 {
		t.Errorf("Wait: %v", err)
	}
	if text, err := io.ReadAll(p.Stderr()); string(text) != "no" || err != nil {
		t.Errorf("stderr %q, %v", text, err)
	}
}

func TestUploadIsKept(t *testing.T) {
	t.Parallel()
	h := pipe.NewHost(echo)
	c := dial(t, h)
	if err := c.Upload(t.Context(), strings.NewReader("data"), 4, "bin/x", 0o700); err != nil {
		t.Fatal(err)
	}
	err := c.Upload(t.Context(), strings.NewReader("data"), 5, "bin/y", 0o700)
	var refused *transport.UploadError
	if !errors.As(err, &refused) {
		t.Errorf("short upload: %v", err)
	}
	if diff := cmp.Diff(map[string]pipe.File{"bin/x": {Data: []byte("data"), Mode: 0o700}}, h.Files()); diff != "" {
		t.Error(diff)
	}
}

func TestResetEndsProcessesAsUnreachable(t *testing.T) {
	t.Parallel()
	h := pipe.NewHost(echo)
	h.SetFaults(pipe.Faults{ResetAfter: 4})
	c := dial(t, h)
	p := start(t, c, "cat")
	fmt.Fprintln(p.Stdin(), "abcdef")
	if text, err := io.ReadAll(p.Stdout()); string(text) != "abcd" || err != nil {
		t.Errorf("stdout %q, %v", text, err)
	}
	if err := p.Wait(); !errors.Is(err, transport.ErrUnreachable) {
		t.Errorf("Wait: %v", err)
	}
	<-c.Done()
	if !errors.Is(c.Err(), transport.ErrUnreachable) {
		t.Errorf("Err: %v", c.Err())
	}
	if _, err := c.Start(t.Context(), "cat"); !errors.Is(err, transport.ErrUnreachable) {
		t.Errorf("Start: %v", err)
	}
}

func TestStallIsSilentUntilTheConnectionIsReset(t *testing.T) {
	t.Parallel()
	h := pipe.NewHost(echo)
	h.SetFaults(pipe.Faults{StallAfter: 3})
	c := dial(t, h)
	p := start(t, c, "cat")
	fmt.Fprintln(p.Stdin(), "abcdef")
	got := make([]byte, 3)
	if _, err := io.ReadFull(p.Stdout(), got); err != nil || string(got) != "abc" {
		t.Fatalf("stdout %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Start(ctx, "cat"); !errors.Is(err, context.Canceled) {
		t.Errorf("Start on a silent connection: %v", err)
	}
	h.Reset()
	if err := p.Wait(); !errors.Is(err, transport.ErrUnreachable) {
		t.Errorf("Wait: %v", err)
	}
}

func TestKillEndsTheShellsContext(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	h := pipe.NewHost(func(ctx context.Context, _ string, stdin io.Reader, _, _ io.Writer) int {
		defer close(over)
		<-ctx.Done()
		io.Copy(io.Discard, stdin)
		return 0
	})
	h.SetFaults(pipe.Faults{Sessions: 1})
	c := dial(t, h)
	p := start(t, c, "sleep")
	var session *transport.SessionError
	if _, err := c.Start(t.Context(), "sleep"); !errors.As(err, &session) {
		t.Errorf("second session: %v", err)
	}
	p.Kill()
	<-over
	var exit *transport.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Signal != "KILL" {
		t.Errorf("Wait: %v", err)
	}
	c.Close()
	if !errors.Is(c.Err(), transport.ErrClosed) {
		t.Errorf("Err: %v", c.Err())
	}
}

func TestUnknownHostIsUnreachable(t *testing.T) {
	t.Parallel()
	_, err := pipe.Dialer{}.Dial(t.Context(), transport.Target{Host: "h"})
	if !errors.Is(err, transport.ErrUnreachable) {
		t.Error(err)
	}
}
