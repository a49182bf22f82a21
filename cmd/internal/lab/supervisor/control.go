//go:build linux

// Package supervisor is the one process behind a lab: it holds the bridge, starts
// the hosts and restarts those that reboot, runs the package proxy, and does what
// it is asked over a socket. It does not know how a lab's files were made, nor
// how they are taken away.
//
// # Decisions
//
// One process holds all that would otherwise have to be found again: when it dies,
// however it dies, the kernel ends the hosts and frees their namespaces, mounts and
// links. What outlives it (files, control groups) has names that derive from the
// lab's, and is the business of whoever takes the lab down.
package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// The operations of a Request.
const (
	Status    = "status"
	Kill      = "kill"  // pull the plug
	Start     = "start" // of a host that is off
	Partition = "partition"
	Heal      = "heal"
	Delay     = "delay"
	Faults    = "faults" // of the mirror
)

// Request asks a supervisor for one thing.
type Request struct {
	Op     string        `json:"op"`
	Host   string        `json:"host,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"`
	Faults []string      `json:"faults,omitempty"`
}

// HostStatus is what a supervisor knows of one host.
type HostStatus struct {
	Name  string        `json:"name"`
	Pid   int           `json:"pid"` // its systemd, in this machine's numbers; 0: the host is off
	Boots int           `json:"boots"`
	Cut   bool          `json:"cut"`
	Delay time.Duration `json:"delay"`
	Last  string        `json:"last,omitempty"` // how the last boot ended
}

// Reply answers a Request.
type Reply struct {
	Error string       `json:"error,omitempty"`
	Hosts []HostStatus `json:"hosts,omitempty"` // for Status
}

// Call asks the supervisor that listens at socket.
func Call(ctx context.Context, socket string, req Request) (*Reply, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("reach the lab's supervisor: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := json.NewEncoder(c).Encode(req); err != nil {
		return nil, err
	}
	r := new(Reply)
	if err := json.NewDecoder(c).Decode(r); err != nil {
		return nil, fmt.Errorf("hear from the lab's supervisor: %w", err)
	}
	if r.Error != "" {
		return nil, errors.New(r.Error)
	}
	return r, nil
}

// listen answers requests until ctx ends.
func (s *supervisor) listen(ctx context.Context, socket string) error {
	_ = os.Remove(socket)
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.answer(ctx, c)
		}
	}()
	return nil
}

func (s *supervisor) answer(ctx context.Context, c net.Conn) {
	defer c.Close()
	var req Request
	if err := json.NewDecoder(c).Decode(&req); err != nil {
		return
	}
	r, err := s.do(ctx, req)
	if err != nil {
		s.log.Printf("%s %s: %v", req.Op, req.Host, err)
		r.Error = err.Error()
	}
	_ = json.NewEncoder(c).Encode(r)
}

func (s *supervisor) do(ctx context.Context, req Request) (Reply, error) {
	if req.Op == Status {
		var r Reply
		for _, h := range s.hosts {
			r.Hosts = append(r.Hosts, h.status())
		}
		return r, nil
	}
	if req.Op == Faults {
		if s.mirror == nil {
			return Reply{}, errors.New("set faults of the mirror: the lab has none")
		}
		return Reply{}, s.mirror.SetFaults(req.Faults)
	}
	h := s.host(req.Host)
	if h == nil {
		return Reply{}, fmt.Errorf("find host %q: the lab has none of that name", req.Host)
	}
	switch req.Op {
	case Kill:
		return Reply{}, h.kill(ctx)
	case Start:
		return Reply{}, h.start(ctx)
	case Partition, Heal:
		return Reply{}, h.withCable(func() error { return h.cable.Cut(ctx, req.Op == Partition) })
	case Delay:
		return Reply{}, h.withCable(func() error { return h.cable.Delay(ctx, req.Delay) })
	}
	return Reply{}, fmt.Errorf("do %q: there is no such operation", req.Op)
}
