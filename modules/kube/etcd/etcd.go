// Package etcd holds the modules for the members of an etcd cluster, and for what it
// holds: etcd_member and etcd_snapshot. It knows no Kubernetes, and starts no etcd.
//
// # Decisions
//
// Members are changed one at a time, and only while all others are healthy: two that
// are not are how a cluster of three is lost. What an interrupted run has left half
// done, a member that was never started or never promoted, is taken up again by the
// task that began it, and named by every other.
package etcd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Access is the arguments that lead to an etcd cluster.
type Access struct {
	// Endpoints are the URLs at which members answer; one that does is enough.
	Endpoints []string `arg:"endpoints" default:"https://127.0.0.1:2379"`
	// CACert is the certificate of the authority that the members' are checked by.
	CACert string `arg:"cacert" default:"/etc/kubernetes/pki/etcd/ca.crt"`
	// Cert is the client's certificate.
	Cert string `arg:"cert" default:"/etc/kubernetes/pki/etcd/healthcheck-client.crt"`
	// Key is the file with the client's key.
	Key string `arg:"key" default:"/etc/kubernetes/pki/etcd/healthcheck-client.key"`
	// Etcdctl is the program, or where it is.
	Etcdctl string `arg:"etcdctl" default:"etcdctl"`
}

// encrypted reports whether the endpoints speak TLS.
func (a Access) encrypted() bool {
	return slices.ContainsFunc(a.Endpoints, func(e string) bool { return strings.HasPrefix(e, "https://") })
}

// cmd is etcdctl, asked at endpoints.
func (a Access) cmd(endpoints []string, args ...string) system.Cmd {
	argv := []string{a.Etcdctl, "--endpoints", strings.Join(endpoints, ",")}
	if a.encrypted() {
		argv = append(argv, "--cacert", a.CACert, "--cert", a.Cert, "--key", a.Key)
	}
	return system.Cmd{Argv: append(argv, args...)}
}

// all is the key of all members: what changes one says that it changes.
func all() system.Key { return system.Key{Kind: "cluster", Name: "etcd"} }

// member is the key of one member.
func member(name string) system.Key { return system.Key{Kind: "cluster", Name: "etcd/" + name} }

// state is what can be known of an etcd cluster.
type state int

// It can be asked; an earlier task is predicted to make what it is asked with; nobody
// knows; this host has nothing to ask it with.
const (
	live state = iota
	predicted
	unsure
	missing
)

// state says whether there is a cluster to ask, and what is missing if not.
func (a Access) state(r system.Reader) (s state, lacks string, err error) {
	if !a.encrypted() {
		return live, "", nil
	}
	for _, p := range []string{a.CACert, a.Cert, a.Key} {
		in, err := r.Lstat(p)
		_, doubt := unknown.Of(err)
		switch {
		case doubt:
			return unsure, "", nil
		case errors.Is(err, fs.ErrNotExist):
			return missing, p, nil
		case err != nil:
			return live, "", err
		case in.Type == 0 && in.Size < 0:
			s = predicted
		}
	}
	return s, "", nil
}

// ask is what etcdctl prints. A code other than 0 with an answer is one.
func (a Access) ask(ctx context.Context, r system.Reader, args ...string) ([]byte, error) {
	c := a.cmd(a.Endpoints, args...)
	c.Reads = []system.Key{all()}
	if a.encrypted() {
		c.Reads = append(c.Reads, system.Path(a.CACert), system.Path(a.Cert), system.Path(a.Key))
	}
	out, err := r.Query(ctx, c)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("ask etcd: this host has no %s: %w", a.Etcdctl, err)
	case err == nil && len(out.Stdout) == 0 && out.Code != 0:
		return nil, fmt.Errorf("ask etcd at %s: %w", strings.Join(a.Endpoints, ","), said(out))
	}
	return out.Stdout, err
}

// run runs etcdctl, which changes what keys name and nothing else.
func (a Access) run(ctx context.Context, s system.System, e system.Effects, endpoints []string, args ...string) error {
	err := s.Run(ctx, a.cmd(endpoints, args...), e)
	var exit *system.ExitError
	if errors.As(err, &exit) {
		return said(exit.Output)
	}
	return err
}

// said is etcdctl's error: its last line that is not a log entry.
func said(out system.Output) error {
	last := ""
	for line := range strings.Lines(string(out.Stderr) + "\n" + string(out.Stdout)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "{") {
			last = line
		}
	}
	if last == "" {
		return fmt.Errorf("etcdctl ended with code %d", out.Code)
	}
	return errors.New(strings.TrimPrefix(last, "Error: "))
}
