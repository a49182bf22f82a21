package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/engine/wire/refusal"
)

// patience is how long a host may take to start a runner when the caller sets no
// deadline.
const patience = time.Minute

// Open starts the runner over conn, bringing it first if the host lacks it, and
// waits for its hello. The Session owns conn from then on; on error the caller
// keeps it. What the host refuses is a *wire.Error.
func Open(ctx context.Context, conn transport.Conn, o Options) (*Session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	s := &Session{o: o, done: make(chan struct{}), pending: map[uint64]*call{}}
	s.facts = firstFacts{awaited: o.Facts, come: make(chan struct{})}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if o.Become.Method != "" {
		s.as = switchingFor(o.Become, rand.Text())
	}
	l, err := s.start(ctx, conn)
	if err != nil && s.as != nil && refusal.NeedsTerminal(err) {
		s.as = nil // the runner itself can provide one
		l, err = s.start(ctx, conn)
	}
	var no *refused
	if errors.As(err, &no) {
		err = s.as.explain(no.error)
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	s.adopt(l)
	return s, nil
}

// adopt makes l the current link and sends again what is not answered yet.
func (s *Session) adopt(l *link) {
	s.mu.Lock()
	old := s.link
	s.link = l
	again := make([]*call, 0, len(s.pending))
	for _, c := range s.pending {
		again = append(again, c)
	}
	s.mu.Unlock()
	if old != nil {
		_ = old.conn.Close() // replaced
	}
	go s.read(l)
	for _, c := range again {
		s.trips.Add(1)
		_ = l.send(c) // it was sent before, so it can be
	}
}

// start gets a runner going, bringing it if there is none.
func (s *Session) start(ctx context.Context, conn transport.Conn) (*link, error) {
	args := s.args()
	if s.o.Payload == nil {
		l, _, err := s.try(ctx, conn, "gokube-runner serve "+strings.Join(args, " "))
		return l, err
	}
	sc := &script{args: args, as: s.as, skip: map[string]bool{}}
	if err := s.known(sc); err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		l, a, err := s.try(ctx, conn, sc.String())
		var damaged *damagedError
		switch {
		case errors.As(err, &damaged) && attempt == 0:
			sc.force = true
			continue
		case err != nil || l != nil:
			return l, err
		case attempt > len(places):
			return nil, a.noPlace()
		}
		if err := s.bring(ctx, conn, sc, a); err != nil {
			return nil, err
		}
	}
}

// args are those of serve.
func (s *Session) args() (args []string) {
	for flag, on := range map[string]bool{"-check": s.o.Check, "-verify": s.o.Verify, "-facts": s.o.Facts} {
		if on {
			args = append(args, flag)
		}
	}
	slices.Sort(args)
	if s.o.Linger > 0 {
		args = append(args, "-linger", s.o.Linger.String())
	}
	return args
}

// known has sc look for the runners that can be brought.
func (s *Session) known(sc *script) error {
	var first error
	for _, p := range s.o.Payload.Platforms() {
		prog, err := s.o.Payload.Program("gokube-runner", p)
		if err == nil {
			sc.sums = append(sc.sums, prog.SHA256)
		} else if first == nil {
			first = err
		}
	}
	if len(sc.sums) == 0 && first == nil {
		first = errors.New("this gokube carries no runner")
	}
	if len(sc.sums) == 0 {
		return fmt.Errorf("bring the runner to the host: %w", first)
	}
	return nil
}

// bring uploads the runner to where a says, and has sc look there.
func (s *Session) bring(ctx context.Context, conn transport.Conn, sc *script, a *answer) error {
	if a.place == "" {
		return a.noPlace()
	}
	prog, err := s.o.Payload.Program("gokube-runner", a.platform)
	if err != nil {
		return &wire.Error{Kind: wire.Lost, Text: fmt.Sprintf("bring the runner to the host: it is %s: %v", a.platform, err)}
	}
	f, err := prog.Open()
	if err != nil {
		return fmt.Errorf("bring the runner to the host: %w", err)
	}
	defer f.Close()
	sc.sums, sc.force = []string{prog.SHA256}, false
	err = conn.Upload(ctx, f, prog.Size, a.place+"/runner-"+prog.SHA256, 0o755)
	var no *transport.UploadError
	if errors.As(err, &no) && len(sc.skip) < len(places)-1 {
		sc.skip[places[a.index]], sc.force = true, true
		return nil
	}
	if err != nil {
		return fmt.Errorf("bring the runner to the host: %w", err)
	}
	return nil
}

// Tools are the words that gokube-tool takes first, each a program to the modules.
func Tools() []string { return []string{"fetch", "tcp", "http", "pki", "yaml"} }

// tools are the programs that the runner may ask for.
func (s *Session) tools(platform string) map[string]wire.Tool {
	if s.o.Payload == nil {
		return nil
	}
	p, err := s.o.Payload.Program("gokube-tool", platform)
	if err != nil {
		return nil // whoever needs it is told that it is not there
	}
	s.blobs.offer(system.Content{SHA256: p.SHA256, Size: p.Size, Open: func(context.Context) (io.ReadCloser, error) { return p.Open() }})
	out := map[string]wire.Tool{}
	for _, name := range Tools() {
		out[name] = wire.Tool{SHA256: p.SHA256, Size: p.Size}
	}
	return out
}
