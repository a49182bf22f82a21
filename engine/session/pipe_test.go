package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner/program"
	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/pipe"
	"github.com/gokube/gokube/engine/wire"
)

// note writes text into a file, after it was let go.
type noteArgs struct {
	Dest    string        `arg:"dest" target:"path"`
	Content module.Source `arg:"content"`
	Print   int           `arg:"print"`
	Wait    bool          `arg:"wait"`
}

// host is a fake host whose tasks can be held up.
type host struct {
	*pipe.Host
	fake    *systemtest.Fake
	begun   chan struct{} // a held task has begun
	release chan struct{} // lets it go on
	mu      sync.Mutex
	runs    int
}

func newHost() *host {
	h := &host{fake: systemtest.New(), begun: make(chan struct{}, 9), release: make(chan struct{})}
	h.Host = pipe.NewHost(func(ctx context.Context, command string, in io.Reader, out, errOut io.Writer) int {
		words := strings.Fields(command)
		if words[1] == "serve" {
			ctx = context.WithoutCancel(ctx) // a runner outlives its connection
		}
		return program.Run(ctx, words[1:], program.Streams{In: in, Out: out, Err: errOut}, program.Env{
			System:  func(func(context.Context, string) (string, error)) system.System { return h.fake },
			Modules: []module.Module{h.note()},
		})
	})
	return h
}

func (h *host) note() module.Module {
	return module.Define(module.Spec{Name: "note"}, func(ctx context.Context, r system.Reader, a *noteArgs) (*module.Plan, error) {
		p := &module.Plan{Output: map[string]any{"n": 1, "out": strings.Repeat("x", a.Print), "later": module.Pending{}}}
		if a.Dest == "" && !a.Wait {
			return p, nil
		}
		p.Add(change.Change{Action: change.Create, Kind: "file", Target: a.Dest}, func(ctx context.Context, s system.System) error {
			h.mu.Lock()
			h.runs++
			h.mu.Unlock()
			if a.Wait {
				h.begun <- struct{}{}
				select {
				case <-h.release:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			p.Output["later"] = "now"
			if len(a.Content.Entries) == 0 {
				return nil
			}
			return s.WriteFile(a.Dest, a.Content.Entries[0].Content, system.Attrs{})
		})
		return p, nil
	})
}

func (h *host) dial(ctx context.Context) (transport.Conn, error) {
	return pipe.Dialer{"h": h.Host}.Dial(ctx, transport.Target{Host: "h"})
}

func (h *host) open(t *testing.T, o session.Options) *session.Session {
	t.Helper()
	conn, err := h.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := session.Open(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func do(t *testing.T, s *session.Session, args map[string]any) *wire.Result {
	t.Helper()
	return s.Do(t.Context(), &wire.Request{Task: "t", Module: "note", Args: args})
}

func TestOneRoundTripPerRequest(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{Facts: true})
	if f, err := s.Facts(t.Context()); err != nil || f.Hostname != "fake" {
		t.Fatalf("%+v, %v", f, err)
	}
	opened := h.Counts()
	for i := range 10 {
		if r := do(t, s, nil); r.Err != nil || r.Output["n"] != 1 {
			t.Fatalf("%+v", r)
		}
		if got := h.Counts().RoundTrips - opened.RoundTrips; got > i+1 {
			t.Errorf("%d round trips for %d requests", got, i+1)
		}
	}
	if s.Trips() != 10 || h.Counts().Starts != 1 {
		t.Errorf("%d trips, %d commands", s.Trips(), h.Counts().Starts)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if f, err := s.Facts(t.Context()); err != nil || f.Hostname != "fake" {
		t.Errorf("fresh facts: %+v, %v", f, err)
	}
}

func TestALargeContentIsSentOnceAndMayPassSmallRequests(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{})
	const size = 8 << 20
	gate := make(chan struct{})
	c := system.Content{Size: size, SHA256: system.Sum(make([]byte, size)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(io.LimitReader(zeros{}, size/2), held(gate), io.LimitReader(zeros{}, size/2))), nil
	}}
	args := map[string]any{"dest": "/etc/big", "content": module.Source{Entries: []module.Entry{{Path: ".", Content: c}}}}
	done := make(chan *wire.Result)
	go func() { done <- do(t, s, args) }()
	if r := do(t, s, nil); r.Err != nil {
		t.Errorf("%+v", r.Err)
	}
	close(gate)
	if r := <-done; r.Err != nil || r.Done != 1 || r.Output["later"] != "now" {
		t.Fatalf("%+v %+v", r, r.Err)
	}
	sent := h.Counts().Sent
	if sent < size || sent > size+size/10 {
		t.Errorf("%d bytes were sent", sent)
	}
	if r := do(t, s, args); r.Err != nil || h.Counts().Sent > sent+10_000 {
		t.Errorf("sent again: %d bytes, %+v", h.Counts().Sent-sent, r.Err)
	}
	if d, err := h.fake.Digest("/etc/big"); d != c.SHA256 {
		t.Errorf("%s, %v", d, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// held ends when gate is closed.
type held chan struct{}

func (h held) Read([]byte) (int, error) { <-h; return 0, io.EOF }

func TestAContentThatChangesWhileItIsSentFails(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{})
	for name, c := range map[string]system.Content{
		"other bytes": {Size: 1 << 20, SHA256: system.Sum([]byte("x")), Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(zeros{}, 1<<20)), nil
		}},
		"gone": {Size: 1 << 20, SHA256: system.Sum([]byte("y")), Open: func(context.Context) (io.ReadCloser, error) {
			return nil, errors.New("open f: no such file")
		}},
	} {
		r := do(t, s, map[string]any{"dest": "/etc/" + name, "content": module.Source{Entries: []module.Entry{{Path: ".", Content: c}}}})
		if r.Err == nil || r.Err.Kind != wire.Failed || r.Done != 0 || !strings.Contains(r.Err.Text, "receive content: ") {
			t.Errorf("%s: %+v", name, r.Err)
		}
	}
	if len(h.fake.Log) > 0 {
		t.Errorf("the host was touched: %q", h.fake.Log)
	}
}

func TestALostConnectionWithoutAnotherIsLost(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{})
	done := make(chan *wire.Result)
	go func() { done <- do(t, s, map[string]any{"wait": true}) }()
	<-h.begun
	h.Reset()
	if r := <-done; r.Err == nil || r.Err.Kind != wire.Lost || !strings.Contains(r.Err.Text, "connection reset by peer") {
		t.Errorf("%+v", r.Err)
	}
	<-s.Done()
	if r := do(t, s, nil); r.Err == nil || r.Err.Kind != wire.Lost {
		t.Errorf("%+v", r.Err)
	}
}

func TestAReconnectFetchesTheResultAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before the end", "after the end"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			h := newHost()
			again := make(chan struct{})
			s := h.open(t, session.Options{Redial: func(ctx context.Context) (transport.Conn, error) {
				<-again
				return h.dial(ctx)
			}})
			done := make(chan *wire.Result)
			go func() { done <- do(t, s, map[string]any{"wait": true, "dest": "/etc/x"}) }()
			<-h.begun
			h.Reset()
			if when == "after the end" {
				close(h.release)
				close(again)
			} else {
				close(again)
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
				close(h.release)
			}
			if r := <-done; r.Err != nil || r.Done != 1 || r.Output["later"] != "now" {
				t.Errorf("%+v, %+v", r, r.Err)
			}
			if h.runs != 1 {
				t.Errorf("the step ran %d times", h.runs)
			}
			if r := do(t, s, nil); r.Err != nil {
				t.Errorf("%+v", r.Err)
			}
		})
	}
}

func TestASilentConnectionCanBeReplaced(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{})
	done := make(chan *wire.Result)
	go func() { done <- do(t, s, map[string]any{"wait": true}) }()
	<-h.begun
	h.Stall()
	close(h.release)
	conn, err := h.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reattach(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.Err != nil || h.runs != 1 {
		t.Errorf("%+v, %d runs", r.Err, h.runs)
	}
}

func TestARunnerThatIsGoneIsNotRepeated(t *testing.T) {
	t.Parallel()
	h := newHost()
	s := h.open(t, session.Options{Redial: h.dial, Linger: time.Nanosecond})
	h.Reset()
	<-s.Done()
	if r := do(t, s, nil); r.Err == nil || r.Err.Kind != wire.Lost || !strings.Contains(r.Err.Text, "the runner is gone") {
		t.Errorf("%+v", r.Err)
	}
}

func TestCancelEndsTheTaskOnTheHost(t *testing.T) {
	t.Parallel()
	s := newHost()
	sess := s.open(t, session.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan *wire.Result)
	go func() { done <- sess.Do(ctx, &wire.Request{Module: "note", Args: map[string]any{"wait": true}}) }()
	<-s.begun
	cancel()
	if r := <-done; r.Err == nil || r.Err.Kind != wire.Cancelled || len(r.Changes) != 1 || r.Done != 0 {
		t.Errorf("%+v, %+v", r, r.Err)
	}
	if r := do(t, sess, nil); r.Err != nil {
		t.Errorf("%+v", r.Err)
	}
}

func TestAResultThatIsTooLargeSaysSo(t *testing.T) {
	t.Parallel()
	s := newHost().open(t, session.Options{})
	if r := do(t, s, map[string]any{"print": 20 << 20}); r.Err != nil || len(r.Output["out"].(string)) != 20<<20 {
		t.Errorf("20 MiB: %+v", r.Err)
	}
	r := do(t, s, map[string]any{"print": wire.MaxMessage})
	if r.Err == nil || !strings.Contains(r.Err.Text, "send result: it takes 64 MiB") {
		t.Errorf("%+v", r.Err)
	}
}

func TestGarbageInsteadOfARunnerIsExplained(t *testing.T) {
	t.Parallel()
	hello := func(v int) string {
		var b strings.Builder
		w := wire.NewWriter(&b)
		w.SendMarker()
		w.Send(wire.TypeHello, wire.Encode(&wire.Hello{Protocol: v}))
		return b.String()
	}
	for name, c := range map[string]struct{ out, err, want string }{
		"nothing":     {"", "", "start the runner: exit status 1"},
		"words":       {"", "sh: gokube-runner: not found", "start the runner: sh: gokube-runner: not found"},
		"banner":      {"This account is disabled.\n", "", "start the runner: This account is disabled."},
		"other":       {wire.Marker + "\x00\x00\x00\x00\x63", "", "unknown type 99"},
		"old version": {hello(wire.Version - 1), "", fmt.Sprintf("speaks version %d of the protocol", wire.Version-1)},
		"new version": {hello(wire.Version + 1), "", fmt.Sprintf("speaks version %d of the protocol", wire.Version+1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &host{Host: pipe.NewHost(func(_ context.Context, _ string, _ io.Reader, out, errOut io.Writer) int {
				fmt.Fprint(out, c.out)
				fmt.Fprint(errOut, c.err)
				return 1
			})}
			conn, err := h.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = session.Open(t.Context(), conn, session.Options{})
			var e *wire.Error
			if !errors.As(err, &e) || e.Kind != wire.Lost || !strings.Contains(e.Text, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestASilentHostEndsWithTheContext(t *testing.T) {
	t.Parallel()
	h := &host{Host: pipe.NewHost(func(ctx context.Context, _ string, _ io.Reader, _, _ io.Writer) int { <-ctx.Done(); return 1 })}
	conn, err := h.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err = session.Open(ctx, conn, session.Options{}); err == nil || !strings.Contains(err.Error(), "canceled") && !strings.Contains(err.Error(), "enough") {
		t.Error(err)
	}
}

func BenchmarkDo(b *testing.B) {
	h := newHost()
	conn, err := h.dial(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	s, err := session.Open(b.Context(), conn, session.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		if r := s.Do(b.Context(), &wire.Request{Module: "note"}); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}
