package program

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/engine/runner/become"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/proxy"
	"github.com/gokube/gokube/engine/wire"
)

// switcher opens the host as other users.
type switcher struct {
	accounts *accounts
	tools    *tools
}

// other is the host as another user. It is a process, and may die.
type other struct {
	system.System
	child *become.Child
}

// Done is closed when the process has ended.
func (o *other) Done() <-chan struct{} { return o.child.Done() }

// Close ends the process.
func (o *other) Close() error { return o.child.Close() }

// open starts this program as b's user.
func (s *switcher) open(ctx context.Context, b wire.Become) (system.System, error) {
	c, err := s.start(ctx, b)
	if err != nil {
		return nil, err
	}
	return &other{&guided{proxy.Dial(c), s.tools}, c}, nil
}

func (s *switcher) start(ctx context.Context, b wire.Become) (*become.Child, error) {
	if os.Getuid() == 0 {
		id, err := s.accounts.find(ctx, b.User)
		if err != nil {
			return nil, err
		}
		// The link leads to the program itself, whatever directories it lies in.
		return become.Switch(ctx, id, []string{"/proc/self/exe", "system"}, wire.Marker)
	}
	if b.Method == "" {
		return nil, errors.New("become " + b.User + ": no method is given, and the runner is not root's")
	}
	exe, err := s.program(ctx)
	if err != nil {
		return nil, err
	}
	return become.Start(ctx, b, []string{exe, "system"}, wire.Marker)
}

// program is this program in a place where every user can start it.
func (s *switcher) program(ctx context.Context) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	if reachable(exe) {
		return exe, nil
	}
	return s.tools.self(ctx)
}

// reachable reports whether every user can start the program at p.
func reachable(p string) bool {
	for at := p; ; at = filepath.Dir(at) {
		in, err := os.Stat(at)
		if err != nil || in.Mode()&0o001 == 0 || at == p && in.Mode()&0o004 == 0 {
			return false
		}
		if at == "/" {
			return true
		}
	}
}

// guided is the host as another user, for whom tools are put where it finds them.
type guided struct {
	system.System
	tools *tools
}

func (g *guided) with(ctx context.Context, c system.Cmd) (system.Cmd, error) {
	if !c.Tool {
		return c, nil
	}
	p, err := g.tools.share(ctx, c.Argv[0])
	if err != nil {
		return c, err
	}
	c.Tool, c.Argv = false, append([]string{p}, c.Argv...)
	return c, nil
}

// Query runs c, or the tool that it names.
func (g *guided) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	c, err := g.with(ctx, c)
	if err != nil {
		return system.Output{}, err
	}
	return g.System.Query(ctx, c)
}

// Run runs c, or the tool that it names.
func (g *guided) Run(ctx context.Context, c system.Cmd, e system.Effects) error {
	c, err := g.with(ctx, c)
	if err != nil {
		return err
	}
	return g.System.Run(ctx, c, e)
}

// Capture runs c, or the tool that it names.
func (g *guided) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	c, err := g.with(ctx, c)
	if err != nil {
		return system.Output{}, err
	}
	return g.System.Capture(ctx, c, e)
}

var _ io.Closer = (*other)(nil)
