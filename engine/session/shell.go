package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/transport"
)

// Shell is the host behind conn without a runner: only Run, Capture and Query
// work, all else is errors.ErrUnsupported. A command's Env is in its argument list
// on the host, where others may see it; secrets go to its Stdin. A command whose
// ctx ends is killed.
func Shell(conn transport.Conn) system.System { return &shell{conn: conn} }

type shell struct {
	without
	conn transport.Conn
}

// Run runs c; effects are not asked for.
func (s *shell) Run(ctx context.Context, c system.Cmd, _ system.Effects) error {
	out, err := s.run(ctx, c)
	if err != nil {
		return err
	}
	return out.Err(c)
}

// Capture runs c for its output.
func (s *shell) Capture(ctx context.Context, c system.Cmd, _ system.Effects) (system.Output, error) {
	return s.run(ctx, c)
}

// Query runs c, which only looks.
func (s *shell) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	return s.run(ctx, c)
}

func (s *shell) run(ctx context.Context, c system.Cmd) (out system.Output, err error) {
	if c, err = c.Fed(); err != nil {
		return out, err
	}
	p, err := s.conn.Start(ctx, line(c))
	if err != nil {
		return out, fmt.Errorf("run %s: %w", c, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = p.Kill() })
	defer stop()
	go func() {
		_, _ = io.Copy(p.Stdin(), bytes.NewReader(c.Stdin)) // it may end before it has read all
		_ = p.Stdin().Close()
	}()
	var errOut clipped
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(&errOut, p.Stderr()) // Wait tells what went wrong
	}()
	var stdout clipped
	_, _ = io.Copy(&stdout, p.Stdout()) // likewise
	<-drained
	err = p.Wait()
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	out = system.Output{Stdout: stdout.bytes(), Stderr: errOut.bytes()}
	var exit *transport.ExitError
	if errors.As(err, &exit) {
		if out.Code = exit.Code; exit.Code < 0 {
			out.Code = 128
		}
		err = nil
	}
	return out, err
}

// line is c for a login shell.
func line(c system.Cmd) string {
	if len(c.Argv) == 3 && c.Argv[0] == "sh" && c.Argv[1] == "-c" && c.Dir == "" && len(c.Env) == 0 {
		return c.Argv[2] // the login shell is good enough
	}
	words := make([]string, 0, len(c.Argv)+len(c.Env)+1)
	if len(c.Env) > 0 {
		words = append(words, "env")
	}
	for _, w := range append(append([]string{}, c.Env...), c.Argv...) {
		words = append(words, quote(w))
	}
	command := strings.Join(words, " ")
	if c.Dir != "" {
		command = "cd " + quote(c.Dir) + " && " + command
	}
	return command
}

// quote is word as every shell takes it literally.
func quote(word string) string {
	if plain(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// clipped keeps the first and the last half of what a Cmd's output may be.
type clipped struct {
	first, last []byte
	missing     int64
}

// Write keeps p, or what of it there is room for.
func (c *clipped) Write(p []byte) (int, error) {
	const half = system.MaxOutput / 2
	n := len(p)
	if room := half - len(c.first); room > 0 {
		k := min(room, len(p))
		c.first, p = append(c.first, p[:k]...), p[k:]
	}
	c.last = append(c.last, p...)
	if len(c.last) > 2*half {
		c.missing += int64(len(c.last) - half)
		c.last = append(c.last[:0], c.last[len(c.last)-half:]...)
	}
	return n, nil
}

func (c *clipped) bytes() []byte {
	const half = system.MaxOutput / 2
	if over := len(c.last) - half; over > 0 {
		c.missing += int64(over)
		c.last = c.last[over:]
	}
	if c.missing == 0 {
		return append(c.first, c.last...)
	}
	return system.Clipped(c.first, c.last, c.missing)
}
