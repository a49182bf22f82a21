package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/transport"
)

// process is a child with pipes of our own: those of os/exec are closed by Wait,
// with what is still in them.
type process struct {
	conn                  *conn
	cmd                   *exec.Cmd
	stdin, stdout, stderr *os.File

	over chan struct{}
	err  error // set before over is closed

	mu     sync.Mutex
	reaped bool // the process id may belong to somebody else by now
}

// Start runs command by /bin/sh in the home directory.
func (c *conn) Start(ctx context.Context, command string) (transport.Process, error) {
	if err := errors.Join(ctx.Err(), c.Err()); err != nil {
		return nil, err
	}
	p := &process{conn: c, cmd: exec.Command("/bin/sh", "-c", command), over: make(chan struct{})}
	p.cmd.Dir = c.home
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	theirs, err := p.pipes()
	if err == nil {
		err = p.cmd.Start()
	}
	closeAll(theirs)
	if err != nil {
		closeAll([]*os.File{p.stdin, p.stdout, p.stderr})
		return nil, &transport.SessionError{Address: "this machine", Cause: fmt.Errorf("start /bin/sh: %w", err)}
	}
	go p.reap()
	if err := c.add(p); err != nil {
		_ = p.Kill()
		return nil, err
	}
	return p, nil
}

// pipes connects the streams and returns the child's ends.
func (p *process) pipes() (theirs []*os.File, err error) {
	var in, out, errs *os.File
	if in, p.stdin, err = os.Pipe(); err != nil {
		return nil, err
	}
	if p.stdout, out, err = os.Pipe(); err != nil {
		return []*os.File{in}, err
	}
	if p.stderr, errs, err = os.Pipe(); err != nil {
		return []*os.File{in, out}, err
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = in, out, errs
	return []*os.File{in, out, errs}, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

func (p *process) reap() {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.reaped = true
	p.mu.Unlock()
	p.err = exitError(err)
	_ = p.stdin.Close()
	p.conn.drop(p)
	close(p.over)
}

func exitError(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return &transport.ExitError{Code: -1, Signal: signalName(status.Signal())}
	}
	return &transport.ExitError{Code: exit.ExitCode()}
}

// signalName is the name without SIG, as SSH writes it.
func signalName(s syscall.Signal) string {
	name := unix.SignalName(s)
	if len(name) > 3 {
		return name[3:]
	}
	return s.String()
}

func (p *process) Stdin() io.WriteCloser { return p.stdin }
func (p *process) Stdout() io.Reader     { return p.stdout }
func (p *process) Stderr() io.Reader     { return p.stderr }

func (p *process) Wait() error {
	<-p.over
	return p.err
}

// Kill ends the whole process group. A group that is gone already is no error.
func (p *process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return nil
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
