//go:build linux

package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/aptproxy"
	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
	"github.com/gokube/gokube/cmd/internal/lab/mirror"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/serve"
	"github.com/gokube/gokube/cmd/internal/lab/network"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// The names of the hidden commands that a supervisor and a host's first process are run as.
const (
	Command     = "supervise"
	InitCommand = "init"
)

// ProxyPort is where the package proxy listens, on the lab's gateway.
const ProxyPort = "3142"

// Config is what a supervisor is told; it comes in a pipe.
type Config struct {
	Store    state.Store
	Name     string
	Mirrors  []string
	Packages string   // the proxy's cache
	Faults   []string // what the mirror does wrong from the start
}

type supervisor struct {
	log    *log.Logger
	lab    *state.Lab
	hosts  []*host
	mirror *serve.Server // nil where the lab has none
}

func (s *supervisor) host(name string) *host {
	for _, h := range s.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

// run is a supervisor's life. It calls ready with the outcome of the start, and
// ends when ctx does.
func run(ctx context.Context, c Config, l *log.Logger, ready func(error)) error {
	lab, err := c.Store.Load(c.Name)
	if err != nil {
		return err
	}
	s := &supervisor{log: l, lab: lab}
	bridge, err := s.connect(ctx, c)
	if err != nil {
		return err
	}
	defer bridge.Close()
	groups, err := cgroup.OfLab(c.Name)
	if err != nil {
		return err
	}
	for _, h := range lab.Hosts {
		s.hosts = append(s.hosts, &host{
			name:    h.Name,
			log:     l,
			console: filepath.Join(lab.HostDir(h.Name), "console.log"),
			cable:   bridge.Cable(h.Port, netip.MustParseAddr(h.Address)),
			spec:    spec(lab, h, groups.Child(h.Name)),
		})
	}
	if err := s.bootAll(ctx); err != nil {
		return err
	}
	if err := s.listen(ctx, c.Store.Socket(c.Name)); err != nil {
		return err
	}
	ready(nil)
	<-ctx.Done()
	s.killAll()
	return nil
}

// connect makes the bridge and starts the proxy and the mirror on it.
func (s *supervisor) connect(ctx context.Context, c Config) (*network.Bridge, error) {
	subnet, err := netip.ParsePrefix(s.lab.Subnet)
	if err != nil {
		return nil, err
	}
	gateway, err := netip.ParseAddr(s.lab.Gateway)
	if err != nil {
		return nil, err
	}
	var mirrors []aptproxy.Mirror
	for _, u := range c.Mirrors {
		m, err := aptproxy.ParseMirror(u)
		if err != nil {
			return nil, err
		}
		mirrors = append(mirrors, m)
	}
	bridge, err := network.NewBridge(ctx, s.lab.Uplink, netip.PrefixFrom(gateway, subnet.Bits()))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.serve(ctx, ProxyPort, aptproxy.New(c.Packages, mirrors, s.log)), s.serveMirror(ctx, c.Faults)); err != nil {
		bridge.Close()
		return nil, err
	}
	return bridge, nil
}

// serve answers requests to a port of the gateway until ctx ends.
func (s *supervisor) serve(ctx context.Context, port string, h http.Handler) error {
	l, err := net.Listen("tcp", net.JoinHostPort(s.lab.Gateway, port))
	if err != nil {
		return fmt.Errorf("listen for the lab's hosts: %w", err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: s.log}
	context.AfterFunc(ctx, func() { srv.Close() })
	go func() { _ = srv.Serve(l) }()
	return nil
}

// serveMirror starts the mirror, if the lab has one.
func (s *supervisor) serveMirror(ctx context.Context, faults []string) (err error) {
	if len(s.lab.Mirror) == 0 {
		return nil
	}
	if s.mirror, err = serve.New(s.lab.Mirror); err != nil {
		return err
	}
	if err := s.mirror.SetFaults(faults); err != nil {
		return err
	}
	return s.serve(ctx, mirror.Port, s.mirror)
}

func (s *supervisor) bootAll(ctx context.Context) error {
	var all sync.WaitGroup
	errs := make([]error, len(s.hosts))
	for i, h := range s.hosts {
		all.Go(func() { errs[i] = h.start(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// killAll ends the hosts; ctx is over, and this may take its time.
func (s *supervisor) killAll() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for _, h := range s.hosts {
		all.Go(func() { _ = h.kill(ctx) })
	}
	all.Wait()
}

// watch ends the returned context on SIGTERM, or when starter, which closes
// without a word if the process that wants the lab died, does so.
func watch(starter io.Reader) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		var word [1]byte
		if n, _ := starter.Read(word[:]); n == 0 {
			cancel(errors.New("the process that started the lab is gone"))
		}
	}()
	return ctx, func() { cancel(nil); stop() }
}
