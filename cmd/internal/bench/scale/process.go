package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// process is the hosts, in a process of their own.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

// start starts the hosts, one more than asked for, and waits until they listen.
func start(ctx context.Context, o options) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, "-serve", "-hosts", strconv.Itoa(o.hosts+1), "-dir", o.dir, "-hostprofile", o.hostCPU)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &process{c, in}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("start the hosts: %w", err), p.stop())
	}
	return p, nil
}

// stop ends the hosts.
func (p *process) stop() error { return errors.Join(p.stdin.Close(), p.cmd.Wait()) }

// cpu is the time that the hosts have used so far.
func (p *process) cpu() (time.Duration, error) { return cpuOf(strconv.Itoa(p.cmd.Process.Pid)) }
