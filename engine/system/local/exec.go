package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
)

// searchPath is where programs are looked for.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Run runs c; e is not looked at.
func (s *System) Run(ctx context.Context, c system.Cmd, _ system.Effects) error {
	out, err := s.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	return err
}

// Capture is Query; e is not looked at.
func (s *System) Capture(ctx context.Context, c system.Cmd, _ system.Effects) (system.Output, error) {
	return s.Query(ctx, c)
}

// Query runs c in a process group of its own, which is ended as a whole if ctx is
// done: first asked to, after Options.Grace killed. What c leaves running in the
// background after it has ended well goes on.
func (s *System) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	cmd, err := s.command(ctx, c)
	if err != nil {
		return system.Output{}, err
	}
	var stdout, stderr clip
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err = cmd.Start(); err == nil {
		err = s.wait(ctx, cmd)
	}
	out := system.Output{Stdout: stdout.bytes(), Stderr: stderr.bytes()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, fmt.Errorf("%s: %w", c.Argv[0], context.Cause(ctx))
	case errors.As(err, &exit):
		out.Code = code(exit)
	case errors.Is(err, exec.ErrWaitDelay):
	case err != nil:
		return out, fault("run", c.Argv[0], err)
	}
	return out, nil
}

func code(exit *exec.ExitError) int {
	if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
		return 128 + int(st.Signal())
	}
	return exit.ExitCode()
}

// wait leaves nothing of a cancelled command's group behind.
func (s *System) wait(ctx context.Context, cmd *exec.Cmd) error {
	kill := func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(s.opt.Grace):
			kill()
		case <-ended:
		}
	})
	err := cmd.Wait()
	close(ended)
	if !stop() {
		kill()
	}
	return err
}

func (s *System) command(ctx context.Context, c system.Cmd) (*exec.Cmd, error) {
	if len(c.Argv) == 0 {
		return nil, errors.New("run a command without words")
	}
	c, err := c.Fed()
	if err != nil {
		return nil, err
	}
	id := s.accounts.self()
	env := append([]string{"PATH=" + searchPath, "HOME=" + id.Home, "USER=" + id.Name, "LOGNAME=" + id.Name, "LANG=C.UTF-8"}, c.Env...)
	program, err := s.program(ctx, c, env)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Args, cmd.Env = c.Argv, env
	if c.Tool {
		cmd.Args = append([]string{program}, c.Argv...) // all tools are one program
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGTERM) }
	cmd.WaitDelay = s.opt.Grace + s.opt.Grace/4
	if c.Stdin != nil {
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	return cmd, s.enter(cmd, c.Dir, id.Home)
}

// enter sets the directory; a home that is not there is no reason to fail.
func (s *System) enter(cmd *exec.Cmd, dir, home string) error {
	cmd.Dir = home
	if dir != "" {
		cmd.Dir = s.real(dir, true)
	}
	in, err := os.Stat(cmd.Dir)
	switch {
	case dir == "" && (err != nil || !in.IsDir()):
		cmd.Dir = "/"
	case err == nil && !in.IsDir():
		return fault("enter", dir, unix.ENOTDIR)
	case err != nil:
		return fault("enter", dir, err)
	}
	return nil
}

// program finds c's program, in the PATH that c's environment may change.
func (s *System) program(ctx context.Context, c system.Cmd, env []string) (string, error) {
	name := c.Argv[0]
	switch {
	case c.Tool && s.opt.Tools != nil:
		return s.opt.Tools(ctx, name)
	case c.Tool:
		return "", fault("run", name, fs.ErrNotExist)
	case !strings.Contains(name, "/"):
		return search(name, env)
	case !path.IsAbs(name) && c.Dir != "":
		return path.Join(s.real(c.Dir, true), name), nil
	}
	return name, nil
}

// search finds a program in the last PATH of env.
func search(name string, env []string) (string, error) {
	dirs := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			dirs = v
		}
	}
	for _, dir := range strings.Split(dirs, ":") {
		p := path.Join(dir, name)
		if in, err := os.Stat(p); path.IsAbs(dir) && err == nil && in.Mode().IsRegular() && in.Mode()&0o111 != 0 {
			return p, nil
		}
	}
	return "", fault("run", name, fs.ErrNotExist)
}

// clip is a stream of which the first and last halves are kept.
type clip struct {
	first, last []byte
	at          int // in last, where the next byte goes once it is full
	total       int64
}

const half = system.MaxOutput / 2

// Write keeps what is to be kept of p and never fails.
func (c *clip) Write(p []byte) (int, error) {
	n := len(p)
	c.total += int64(n)
	if free := min(half-len(c.first), len(p)); free > 0 {
		c.first, p = append(c.first, p[:free]...), p[free:]
	}
	if len(p) > half {
		p = p[len(p)-half:]
	}
	if grow := min(half-len(c.last), len(p)); grow > 0 {
		c.last, p = append(c.last, p[:grow]...), p[grow:]
	}
	for len(p) > 0 {
		m := copy(c.last[c.at:], p)
		p, c.at = p[m:], (c.at+m)%half
	}
	return n, nil
}

func (c *clip) bytes() []byte {
	last := slices.Concat(c.last[c.at:], c.last[:c.at])
	if missing := c.total - int64(len(c.first)+len(last)); missing > 0 {
		return system.Clipped(c.first, last, missing)
	}
	return append(c.first, last...)
}
