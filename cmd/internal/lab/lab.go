//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/hostinit"
	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/state"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// DefaultName is the lab that commands mean when none is named.
const DefaultName = "lab"

// Lab is a lab that is up, or was. Its methods may be called at the same time and
// need root.
type Lab struct {
	store state.Store
	state *state.Lab
}

// Host is one host of a lab.
type Host struct {
	Name    string
	Address string // IPv4
}

// Open finds a lab by name. Where there is none, the error is fs.ErrNotExist.
func Open(name string) (*Lab, error) {
	store := state.Default()
	l, err := store.Load(name)
	if errors.Is(err, fs.ErrPermission) {
		return nil, errRoot
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("find lab %q: there is none, make it with: gokube lab up --name %s: %w", name, name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	return &Lab{store, l}, nil
}

// Names lists the labs there are.
func Names() ([]string, error) { return state.Default().List() }

// Name is the lab's name.
func (l *Lab) Name() string { return l.state.Name }

// Dir is the folder with the lab's inventory, key and disks.
func (l *Lab) Dir() string { return l.state.Dir }

// Inventory is the path of the lab's inventory.
func (l *Lab) Inventory() string { return filepath.Join(l.state.Dir, inventoryFile) }

// SSHConfig is the path of a configuration for ssh -F that knows the hosts by name.
func (l *Lab) SSHConfig() string { return filepath.Join(l.state.Dir, sshConfigFile) }

// Hosts lists the lab's hosts, in order.
func (l *Lab) Hosts() []Host {
	var hosts []Host
	for _, h := range l.state.Hosts {
		hosts = append(hosts, Host{h.Name, h.Address})
	}
	return hosts
}

// Partition cuts the host off: connections stall, and nobody is told.
func (l *Lab) Partition(ctx context.Context, host string) error {
	return l.ask(ctx, supervisor.Request{Op: supervisor.Partition, Host: host})
}

// Heal ends a Partition.
func (l *Lab) Heal(ctx context.Context, host string) error {
	return l.ask(ctx, supervisor.Request{Op: supervisor.Heal, Host: host})
}

// Kill pulls the host's plug: its network is gone at once, then its processes.
// A host that is off stays off.
func (l *Lab) Kill(ctx context.Context, host string) error {
	return l.ask(ctx, supervisor.Request{Op: supervisor.Kill, Host: host})
}

// Start switches a host on that is off, and waits until it has booted.
func (l *Lab) Start(ctx context.Context, host string) error {
	if err := l.ask(ctx, supervisor.Request{Op: supervisor.Start, Host: host}); err != nil {
		return err
	}
	return l.waitBooted(ctx, host)
}

// Delay makes everything sent to the host take d longer, from now on and over
// reboots; zero ends it.
func (l *Lab) Delay(ctx context.Context, host string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("delay %s by %s: it takes a duration of zero or more", host, d)
	}
	return l.ask(ctx, supervisor.Request{Op: supervisor.Delay, Host: host, Delay: d})
}

// InnerCommands names the hidden commands that a lab runs its own program as:
// PROGRAM lab NAME ARGS...
func InnerCommands() []string {
	return []string{supervisor.Command, supervisor.InitCommand, image.LayerCommand}
}

// Inner runs one of InnerCommands; log gets what it prints. A host's first process
// never returns but for an error.
func Inner(ctx context.Context, log io.Writer, name string, args []string) error {
	switch name {
	case supervisor.Command:
		return supervisor.Main()
	case supervisor.InitCommand:
		return hostinit.Run()
	case image.LayerCommand:
		if len(args) < 3 {
			return fmt.Errorf("make a layer: it takes two folders and packages")
		}
		return image.MakeLayer(ctx, log, args[0], args[1], args[2:])
	}
	return fmt.Errorf("run %q: a lab has no such process", name)
}

func (l *Lab) ask(ctx context.Context, req supervisor.Request) error {
	if _, err := l.state.Host(req.Host); err != nil {
		return err
	}
	_, err := l.call(ctx, req)
	return err
}

// call reaches the supervisor, or says how to get rid of a lab that has none.
func (l *Lab) call(ctx context.Context, req supervisor.Request) (*supervisor.Reply, error) {
	if _, ok := l.store.Supervisor(l.state.Name); !ok {
		return nil, fmt.Errorf("reach lab %q: its supervisor is gone; clear it away with: gokube lab down --name %s", l.state.Name, l.state.Name)
	}
	return supervisor.Call(ctx, l.store.Socket(l.state.Name), req)
}
