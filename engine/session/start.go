package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/engine/wire/refusal"
)

// refused is a become tool that did not start the runner.
type refused struct{ error }

// Unwrap is its refusal.
func (r *refused) Unwrap() error { return r.error }

// damagedError is a runner that is on the host and does not start.
type damagedError struct{ text string }

// Error is what it said.
func (e *damagedError) Error() string { return "start the runner: " + e.text }

// try runs command, which starts a runner; if it says instead what is missing for
// that, link is nil.
func (s *Session) try(ctx context.Context, conn transport.Conn, command string) (*link, *answer, error) {
	proc, err := conn.Start(ctx, command)
	if err != nil {
		return nil, nil, fmt.Errorf("start the runner: %w", err)
	}
	g := &greeting{session: s, proc: proc}
	prompt := ""
	if s.as != nil {
		prompt = s.as.prompt
	}
	l := newLink(conn, proc, prompt, g.asked)
	stop := context.AfterFunc(ctx, func() { _ = proc.Kill() })
	banner, err := l.r.Skip()
	if err == nil {
		err = g.hello(l)
	}
	if !stop() && err != nil {
		return nil, nil, fmt.Errorf("start the runner: %w", context.Cause(ctx))
	}
	if err == nil {
		return l, nil, nil
	}
	_ = proc.Kill() // it is of no use
	if a := parseAnswer(string(banner)); a.platform != "" && g.fault() == nil {
		return nil, &a, nil
	}
	return nil, nil, g.explain(l, banner, err)
}

// greeting is the beginning of a link.
type greeting struct {
	session *Session
	proc    transport.Process
	mu      sync.Mutex
	err     error // of the become tool
}

// asked gives the password the first time that it is asked for.
func (g *greeting) asked(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n > 1 {
		g.err = refusal.Wrong()
		_ = g.proc.Stdin().Close() // it would only ask again
		_ = g.proc.Kill()
		return
	}
	_, _ = io.WriteString(g.proc.Stdin(), g.session.as.Password.Reveal()+"\n") // what fails here ends the start
}

func (g *greeting) fault() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// hello exchanges hellos. The controller's travels with its first request.
func (g *greeting) hello(l *link) error {
	t, payload, err := l.r.Next()
	if err != nil {
		return err
	}
	var h wire.Hello
	if t != wire.TypeHello {
		return &wire.ProtocolError{Text: "the first message is no hello"}
	}
	if err := wire.Decode(payload, &h); err != nil {
		return err
	}
	if err := h.Check(); err != nil {
		return err
	}
	s := g.session
	s.mu.Lock()
	known := s.hello.Session
	s.hello = h
	s.mu.Unlock()
	if known != "" && known != h.Session {
		return errors.New("another runner answered")
	}
	tools := s.tools(h.OS + "/" + h.Arch)
	return l.w.Send(wire.TypeHello, wire.Encode(&wire.Hello{Protocol: wire.Version, Build: h.Build, Session: h.Session, Tools: tools}))
}

// explain is why no runner started.
func (g *greeting) explain(l *link, banner []byte, err error) error {
	if e := l.conn.Err(); e != nil {
		return fmt.Errorf("start the runner: %w", e)
	}
	if e := g.fault(); e != nil {
		return &refused{e}
	}
	end := l.proc.Wait()
	words := l.words.all()
	if exit, ok := damaged(end); ok {
		return &damagedError{words + " (" + exit.Error() + ")"}
	}
	if g.session.as != nil && end != nil && !strings.Contains(words, "gokube-runner:") {
		return &refused{refusal.Of(words)}
	}
	words = cmp.Or(words, lastLine(string(banner)))
	if words == "" && end != nil {
		words = end.Error()
	}
	if !errors.Is(err, io.EOF) || words == "" {
		words = strings.TrimSpace(err.Error() + " " + words)
	}
	return &wire.Error{Kind: wire.Lost, Text: "start the runner: " + words}
}

// damaged reports whether a process that ended so says that its program is not
// what was sent: it says so itself, or cannot be executed, or crashes.
func damaged(end error) (exit *transport.ExitError, ok bool) {
	if !errors.As(end, &exit) {
		return nil, false
	}
	return exit, exit.Code == wire.ExitDamaged || exit.Code == 126 || exit.Code == -1 && exit.Signal != "KILL"
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.ToValidUTF8(strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:]), "?")
}
