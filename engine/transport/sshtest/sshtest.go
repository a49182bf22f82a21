// Package sshtest is SSH hosts in this process, on loopback, for tests and
// benchmarks: real SSH, with a Go function for a shell. It can do what real hosts
// do when they are ill. It knows nothing of runners.
//
// # Decisions
//
// A host is one listener with one goroutine, so that a thousand of them are cheap.
// Keys are hidden behind a type of their own: users need no SSH library.
package sshtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/transport"
)

// Shell runs one command of a host and returns its exit status. ctx ends with the
// connection and when the command is killed.
type Shell func(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) (exit int)

// NoStatus as a Shell's exit status ends the command without one.
const NoStatus = -1

// Config is a host.
type Config struct {
	Shell       Shell  // nil: every command succeeds without output
	User        string // the only one let in; "gokube"
	Keys        []Key  // let in; certificates signed by them, too
	Password    string // lets in by password and keyboard-interactive; empty: does not
	HostKey     Key    // a new one if zero
	Home        string // the directory that SFTP works in; empty: no SFTP subsystem
	Banner      string // what the login shell prints before any command's output
	MaxSessions int    // on one connection; any number if 0
	MaxAuth     int    // refused logins before the host hangs up; 6
	Faults      Faults
}

// Faults is what goes wrong with connections from now on.
type Faults struct {
	Refuse     int   // this many connections are closed before a word is said
	Mute       bool  // connections are accepted, but nothing is ever said
	StallAfter int64 // bytes received on a connection, after which it is silent; never if 0
	ResetAfter int64 // bytes received on a connection, after which it is reset; never if 0
}

// Host is a running host.
type Host struct {
	config   Config
	server   *ssh.ServerConfig
	listener net.Listener

	mu     sync.Mutex
	conns  map[*gate]struct{}
	faults Faults
	logins int
	closed bool
}

// Listen starts a host on a port of its own of 127.0.0.1. The caller closes it.
func Listen(c Config) (*Host, error) {
	if c.User == "" {
		c.User = "gokube"
	}
	if c.HostKey == (Key{}) {
		var err error
		if c.HostKey, err = NewKey(); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for SSH: %w", err)
	}
	h := &Host{config: c, listener: l, conns: map[*gate]struct{}{}, faults: c.Faults}
	h.server = h.serverConfig()
	go h.accept()
	return h, nil
}

// Port is where the host listens.
func (h *Host) Port() int { return h.listener.Addr().(*net.TCPAddr).Port }

// Address is host:port.
func (h *Host) Address() string { return h.listener.Addr().String() }

// KnownHost is a line for a known_hosts file.
func (h *Host) KnownHost() string {
	return fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), h.config.HostKey.Public())
}

// Target is how to connect to the host with the key in file, whose host key is in
// known, and nothing of the user's configuration.
func (h *Host) Target(file, known string) transport.Target {
	t := transport.Target{
		Address: "127.0.0.1", Port: h.Port(), User: h.config.User, Password: secret.New(h.config.Password),
		KnownHosts: []string{known}, ConfigFile: transport.NoConfig,
	}
	if file != "" {
		t.KeyFiles = []string{file}
	}
	return t
}

// SetFaults says what goes wrong with connections made from now on.
func (h *Host) SetFaults(f Faults) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = f
}

// Logins is how many connections were let in so far.
func (h *Host) Logins() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.logins
}

// Stall makes all connections silent: nothing is read from them or written to
// them any more, but they stay open.
func (h *Host) Stall() { h.each((*gate).stall) }

// Reset ends all connections with a TCP reset.
func (h *Host) Reset() { h.each((*gate).reset) }

// Close ends the host and its connections.
func (h *Host) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	err := h.listener.Close()
	h.each(func(g *gate) { _ = g.Close() })
	return err
}

func (h *Host) each(f func(*gate)) {
	h.mu.Lock()
	var all []*gate
	for g := range h.conns {
		all = append(all, g)
	}
	h.mu.Unlock()
	for _, g := range all {
		f(g)
	}
}

func (h *Host) accept() {
	for {
		c, err := h.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			h.take(c)
		}
	}
}

// take gives a new connection its faults.
func (h *Host) take(c net.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.faults.Refuse > 0 {
		h.faults.Refuse--
		_ = c.Close()
		return
	}
	g := newGate(c, h.faults)
	h.conns[g] = struct{}{}
	if !h.faults.Mute {
		go h.serve(g)
	}
}

func (h *Host) forget(g *gate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, g)
}

// Known is the text of a known_hosts file for hosts.
func Known(hosts ...*Host) string {
	var lines strings.Builder
	for _, h := range hosts {
		fmt.Fprintln(&lines, h.KnownHost())
	}
	return lines.String()
}
