//go:build linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// environment is what a command finds inside a host.
func environment() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb", "LC_ALL=C.UTF-8"}
}

// Cmd is a command that has not started yet.
type Cmd = exec.Cmd

// Command prepares a command to run as root inside the host, without its sshd;
// the caller sets its streams. It ends with the host.
func (l *Lab) Command(ctx context.Context, host string, argv ...string) (*Cmd, error) {
	h, err := l.hostStatus(ctx, host)
	if err != nil {
		return nil, err
	}
	if h.Pid == 0 {
		return nil, fmt.Errorf("run %s on %s: the host is off", argv[0], host)
	}
	enter := []string{"--target", strconv.Itoa(h.Pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, argv...)...)
	cmd.Env = environment()
	return cmd, nil
}

// Exec runs a command as root inside the host and returns what it prints. The
// error of one that fails is an *exec.ExitError and holds what it said last.
func (l *Lab) Exec(ctx context.Context, host string, argv ...string) (stdout []byte, err error) {
	cmd, err := l.Command(ctx, host, argv...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err = cmd.Output()
	if err != nil {
		return stdout, fmt.Errorf("run %s on %s: %w: %s", argv[0], host, err, strings.TrimSpace(stderr.String()))
	}
	return stdout, nil
}

// SSH prepares ssh to the host, as its user and through its sshd; the caller sets
// the streams. Without argv it asks for a shell.
func (l *Lab) SSH(ctx context.Context, host string, argv ...string) (*Cmd, error) {
	if _, err := l.state.Host(host); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("ssh"); err != nil {
		return nil, errors.New("ssh is not installed; run: apt-get install -y openssh-client")
	}
	return exec.CommandContext(ctx, "ssh", append([]string{"-F", l.SSHConfig(), host, "--"}, argv...)...), nil
}

// Reboot restarts the host the orderly way and waits until it has booted anew.
func (l *Lab) Reboot(ctx context.Context, host string) error {
	before, err := l.hostStatus(ctx, host)
	if err != nil {
		return err
	}
	// The host may be gone before systemctl has its answer.
	if _, err := l.Exec(ctx, host, "systemctl", "reboot"); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return err
	}
	err = poll(ctx, func() error {
		now, err := l.hostStatus(ctx, host)
		if err == nil && now.Boots == before.Boots {
			err = errors.New("it is still on its way down")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reboot %s: %w", host, err)
	}
	return l.waitBooted(ctx, host)
}

func (l *Lab) hostStatus(ctx context.Context, host string) (supervisor.HostStatus, error) {
	if _, err := l.state.Host(host); err != nil {
		return supervisor.HostStatus{}, err
	}
	r, err := l.call(ctx, supervisor.Request{Op: supervisor.Status})
	if err != nil {
		return supervisor.HostStatus{}, err
	}
	for _, h := range r.Hosts {
		if h.Name == host {
			return h, nil
		}
	}
	return supervisor.HostStatus{}, fmt.Errorf("find host %q: the lab's supervisor does not know it", host)
}

// bootTimeout is how long a host may take from power to a shell.
const bootTimeout = 90 * time.Second

// waitBooted waits until sshd greets and systemd has started all it wants to.
func (l *Lab) waitBooted(ctx context.Context, host string) error {
	h, err := l.state.Host(host)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if s, err := l.hostStatus(ctx, host); err == nil && !s.Cut {
		if err := poll(ctx, func() error { return greets(ctx, h.Address) }); err != nil {
			return fmt.Errorf("wait for sshd on %s: %w; see %s", host, err, l.state.HostDir(host)+"/console.log")
		}
	}
	err = poll(ctx, func() error {
		out, err := l.Exec(ctx, host, "systemctl", "is-system-running", "--wait")
		if s := strings.TrimSpace(string(out)); s == "running" || s == "degraded" {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("wait for %s to boot: %w", host, err)
	}
	return nil
}

// greets tells whether an sshd answers.
func greets(ctx context.Context, address string) error {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(address, "22"))
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	var greeting [4]byte
	if _, err := c.Read(greeting[:]); err != nil {
		return err
	}
	if string(greeting[:]) != "SSH-" {
		return fmt.Errorf("it says %q", greeting)
	}
	return nil
}

// poll calls f until it succeeds or ctx ends; the error is then f's last.
func poll(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(40 * time.Millisecond):
		}
	}
}
