//go:build linux

package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"github.com/gokube/gokube/cmd/internal/lab/hostinit"
	"github.com/gokube/gokube/cmd/internal/lab/network"
)

// host is one host's life: boots, one after the other, until it is switched off.
type host struct {
	name    string
	spec    hostinit.Spec
	console string // file that gets what its first process prints
	cable   *network.Cable
	log     *log.Logger

	wire sync.Mutex // held while the cable is touched

	mu    sync.Mutex
	boots int
	last  string
	run   *boot // nil: the host is off
}

// boot is one run of a host's systemd.
type boot struct {
	process *os.Process
	plugged bool          // false once the plug was pulled: no restart
	ended   chan struct{} // closed when it is over and nothing of it is left
}

func (h *host) withCable(f func() error) error {
	h.wire.Lock()
	defer h.wire.Unlock()
	return f()
}

func (h *host) status() HostStatus {
	s := HostStatus{Name: h.name}
	_ = h.withCable(func() error {
		s.Cut, s.Delay = h.cable.IsCut(), h.cable.Latency()
		return nil
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Boots, s.Last = h.boots, h.last
	if h.run != nil {
		s.Pid = h.run.process.Pid
	}
	return s
}

// start switches the host on and returns when its first process runs.
func (h *host) start(ctx context.Context) error {
	h.mu.Lock()
	on := h.run != nil
	h.mu.Unlock()
	if on {
		return fmt.Errorf("start %s: it is up", h.name)
	}
	return h.boot(ctx)
}

// boot runs one boot on a thread of its own: the thread is in the host's network
// namespace, and the kernel ends the host should the thread end first.
func (h *host) boot(ctx context.Context) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		cmd, err := h.launch(ctx)
		if err != nil {
			started <- fmt.Errorf("start %s: %w", h.name, err)
			return
		}
		b := &boot{process: cmd.Process, plugged: true, ended: make(chan struct{})}
		h.mu.Lock()
		h.boots++
		h.run, h.last = b, ""
		h.mu.Unlock()
		started <- nil
		_ = cmd.Wait()
		h.after(ctx, b, cmd.ProcessState)
	}()
	return <-started
}

func (h *host) launch(ctx context.Context) (*exec.Cmd, error) {
	if err := h.spec.Groups.Create(); err != nil {
		return nil, err
	}
	ns, err := network.NewNamespace()
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	if err := h.withCable(func() error { return h.cable.Plug(ctx) }); err != nil {
		return nil, err
	}
	return h.spawn()
}

// spawn starts the host's first process in namespaces of its own.
func (h *host) spawn() (*exec.Cmd, error) {
	console, err := os.OpenFile(h.console, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer console.Close()
	spec, err := json.Marshal(h.spec)
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command("/proc/self/exe", "lab", InitCommand)
	cmd.Stdout, cmd.Stderr = console, console
	cmd.ExtraFiles = []*os.File{r}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
		Setsid:     true,
	}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	go func() {
		_, _ = bytes.NewReader(spec).WriteTo(w)
		w.Close()
	}()
	return cmd, nil
}

// after clears away what a boot leaves, and boots again if that is how it ended.
func (h *host) after(ctx context.Context, b *boot, end *os.ProcessState) {
	h.log.Printf("%s: %s", h.name, end)
	if err := h.withCable(func() error { return h.cable.Unplug(ctx) }); err != nil {
		h.log.Printf("%s: unplug: %v", h.name, err)
	}
	if err := h.spec.Groups.Remove(ctx); err != nil {
		h.log.Printf("%s: %v", h.name, err)
	}
	h.mu.Lock()
	h.run, h.last = nil, ending(end)
	again := b.plugged && rebooted(end)
	h.mu.Unlock()
	if again && ctx.Err() == nil {
		if err := h.boot(ctx); err != nil {
			h.log.Print(err)
		}
	}
	close(b.ended)
}

// rebooted tells a reboot from a power off: the kernel ends the first process of
// a pid namespace with SIGHUP for the one and SIGINT for the other.
func rebooted(end *os.ProcessState) bool { return signalOf(end) == syscall.SIGHUP }

func signalOf(end *os.ProcessState) syscall.Signal {
	if ws, ok := end.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}

func ending(end *os.ProcessState) string {
	switch signalOf(end) {
	case syscall.SIGHUP:
		return "rebooted"
	case syscall.SIGINT:
		return "powered off"
	case syscall.SIGKILL:
		return "killed"
	}
	return end.String()
}

// kill pulls the plug: the network first, so that the dying host says no word
// more, then all its processes at once.
func (h *host) kill(ctx context.Context) error {
	h.mu.Lock()
	b := h.run
	if b != nil {
		b.plugged = false
	}
	h.mu.Unlock()
	if b == nil {
		return nil
	}
	if err := h.withCable(func() error { return h.cable.Unplug(ctx) }); err != nil {
		return err
	}
	_ = b.process.Kill()
	select {
	case <-b.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
