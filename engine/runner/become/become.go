// Package become starts a program as another user of the host: by changing the
// user if the process is root's, else through sudo, su or doas. It knows nothing
// of what the program says on its streams, but that it begins with a marker.
//
// # Decisions
//
// A password is written only after it was asked for: to sudo's standard input after
// a random prompt, to su and doas on a terminal of their own, whose echo is off.
// It is in no argument, no environment and no file.
package become

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/engine/wire/refusal"
)

// Identity is a user to change to.
type Identity struct {
	UID, GID uint32
	Groups   []uint32
	Home     string
}

// Child is a program that runs as another user. Read and Write are its standard
// output, from after the marker, and input.
type Child struct {
	in    *os.File // its standard input, or the terminal that is
	out   io.Reader
	stop  func()
	ended chan struct{}
	words *tail
}

// Read reads what the program prints.
func (c *Child) Read(p []byte) (int, error) { return c.out.Read(p) }

// Write writes to the program.
func (c *Child) Write(p []byte) (int, error) { return c.in.Write(p) }

// Close ends the program: its input is at its end, and if it ignores that it is
// killed.
func (c *Child) Close() error {
	c.stop()
	return nil
}

// Done is closed when the program has ended.
func (c *Child) Done() <-chan struct{} { return c.ended }

// Words are the last that it printed on its standard error.
func (c *Child) Words() string { return c.words.String() }

// Switch starts argv, which prints marker, as id. The process must be root's.
func Switch(ctx context.Context, id Identity, argv []string, marker string) (*Child, error) {
	s := start{argv: argv, marker: marker, dir: "/", env: []string{"PATH=" + path, "HOME=" + id.Home}}
	s.attr = &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: id.UID, Gid: id.GID, Groups: id.Groups}}
	c, err := s.run(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("become user %d: %w", id.UID, err)
	}
	return c, nil
}

// path is where the tools are looked for, whatever the login shell says.
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Start starts argv, which prints marker, as b's user by b's method.
func Start(ctx context.Context, b wire.Become, argv []string, marker string) (*Child, error) {
	t, err := toolFor(b, argv)
	if err != nil {
		return nil, err
	}
	exe, err := find(t.argv[0])
	if err != nil {
		return nil, fmt.Errorf("become %s: there is no %s on the host", b.User, t.argv[0])
	}
	t.argv[0] = exe
	s := start{argv: t.argv, marker: marker, dir: "/", attr: &syscall.SysProcAttr{Setsid: true},
		env: []string{"PATH=" + path, "LC_ALL=C", "HOME=" + cmp.Or(os.Getenv("HOME"), "/"), "TERM=dumb"}}
	c, err := s.run(ctx, t)
	if err != nil {
		return nil, refusal.Explain(t.method, t.user, err)
	}
	return c, nil
}

func find(name string) (string, error) {
	if strings.Contains(name, "/") {
		_, err := os.Stat(name)
		return name, err
	}
	for dir := range strings.SplitSeq(path, ":") {
		if in, err := os.Stat(dir + "/" + name); err == nil && in.Mode().IsRegular() {
			return dir + "/" + name, nil
		}
	}
	return "", os.ErrNotExist
}

// patience is how long a tool may take to start the program: checks of passwords
// are slow on purpose, and some wait for a directory service.
const patience = time.Minute

// start is one attempt.
type start struct {
	argv, env   []string
	dir, marker string
	attr        *syscall.SysProcAttr
}

// run starts the program and waits for its marker; t is nil if nothing can ask.
func (s *start) run(ctx context.Context, t *tool) (*Child, error) {
	p, err := openPipes(t)
	if err != nil {
		return nil, err
	}
	if p.tty != nil {
		s.attr.Setctty, s.attr.Ctty = true, 3
	}
	proc, err := os.StartProcess(s.argv[0], s.argv, &os.ProcAttr{Dir: s.dir, Env: s.env, Files: p.theirs(), Sys: s.attr})
	p.closeTheirs()
	if err != nil {
		p.closeOurs()
		return nil, err
	}
	c := &Child{in: p.in, out: p.out, ended: make(chan struct{}), words: &tail{}}
	if t != nil {
		c.words.prompt = t.prompt
	}
	go func() {
		_, _ = proc.Wait() // how it ended is told by its words
		close(c.ended)
	}()
	c.stop = sync.OnceFunc(func() {
		p.closeOurs()
		go finish(proc, c.ended)
	})
	if err := p.greet(ctx, c, t, s.marker); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// finish gives a program whose input has ended a moment before it is killed.
func finish(proc *os.Process, ended <-chan struct{}) {
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		_ = proc.Kill() // it has ended, or cannot be killed by this user
	}
}

// ask is what came of watching a tool.
type ask int

const (
	ready  ask = iota // the marker was printed
	gone              // standard output ended before
	prompt            // a password is asked for
)

var errNoAnswer = errors.New("no answer within a minute")

// greet answers one prompt and waits for the marker.
func (p *pipes) greet(ctx context.Context, c *Child, t *tool, marker string) error {
	events := make(chan ask, 8)
	go p.waitMarker(marker, events)
	quiet := make(chan struct{})
	go func() {
		defer close(quiet)
		watch(p.err, c.words, t, events)
	}()
	if p.tty != nil {
		go watch(p.tty, c.words, t, events)
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return errNoAnswer
		case e := <-events:
			switch {
			case e == ready:
				return p.raw(t)
			case e == gone:
				return refused(c, t, quiet)
			case t.password == "":
				return refusal.Missing()
			case asked:
				return refusal.Wrong()
			}
			asked = true
			if _, err := io.WriteString(p.in, t.password+"\n"); err != nil {
				return refused(c, t, quiet)
			}
		}
	}
}

// refused waits for the last words of a tool that did not start the program.
func refused(c *Child, t *tool, quiet <-chan struct{}) error {
	select {
	case <-quiet:
	case <-time.After(2 * time.Second): // something it left behind holds the stream
	}
	if t == nil {
		return errors.New("the program did not start: " + c.words.String())
	}
	return refusal.Of(c.words.String())
}

func (p *pipes) waitMarker(marker string, events chan<- ask) {
	var seen []byte
	one := make([]byte, 1) // what follows the marker belongs to the reader of Child
	for len(seen) < 64<<10 {
		if _, err := p.out.Read(one); err != nil {
			break
		}
		if seen = append(seen, one[0]); bytes.HasSuffix(seen, []byte(marker)) {
			events <- ready
			return
		}
	}
	events <- gone
}
