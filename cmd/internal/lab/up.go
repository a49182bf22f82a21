//go:build linux

package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/state"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// Options say what lab Up makes.
type Options struct {
	Name  string
	Hosts int
	Image string    // image.Plain or image.Python
	Sudo  string    // SudoFree or SudoPassword
	Dir   string    // where inventory, key and disks go; empty: a folder of the machine's
	Log   io.Writer // progress

	Mirror bool     // serve what a cluster is installed from, for as long as the lab is up
	Faults []string // what the mirror does wrong, as SetMirrorFaults takes it
}

// How sudo treats the hosts' user.
const (
	SudoFree     = "nopasswd"
	SudoPassword = "password" // which the inventory holds
)

// Up makes a lab and waits until its hosts have booted. A lab that cannot be made
// whole is taken down again; so is one whose caller dies meanwhile, except for
// files, which the next Up or Down clears away.
func Up(ctx context.Context, o Options) (*Lab, error) {
	store := state.Default()
	l, err := o.plan(store)
	if err != nil {
		return nil, err
	}
	lock, err := store.LockLab(ctx, o.Name)
	if err != nil {
		return nil, err
	}
	if err := makeRoom(ctx, store, o); err != nil {
		lock.Release()
		return nil, err
	}
	up := &Lab{store, l}
	err = up.build(ctx, o, lock)
	if err != nil {
		// Down waits for the lock, which a supervisor may still share.
		lock.Release()
		if ctx.Err() != nil {
			err = fmt.Errorf("make lab %q: %w", o.Name, context.Cause(ctx))
		}
		return nil, errors.Join(err, Down(context.WithoutCancel(ctx), o.Name))
	}
	lock.Release()
	return up, nil
}

// plan checks the options and what the machine has; it makes nothing.
func (o *Options) plan(store state.Store) (*state.Lab, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	l := &state.Lab{Name: o.Name, Image: o.Image, Dir: store.Folder(o.Name)}
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return nil, err
		}
		l.Dir = dir
	}
	if o.Sudo == SudoPassword {
		l.Password = rand.Text()
	}
	return l, check(l.Dir)
}

// makeRoom clears away a lab of that name whose supervisor died, and refuses to
// touch one that runs, or other files. The caller holds the lab's lock.
func makeRoom(ctx context.Context, store state.Store, o Options) error {
	if _, err := os.Stat(store.Folder(o.Name)); err != nil {
		return empty(o.Dir)
	}
	if _, runs := store.Supervisor(o.Name); runs {
		return fmt.Errorf("make lab %q: there is one, see: gokube lab status --name %s; or take it down first: gokube lab down --name %s", o.Name, o.Name, o.Name)
	}
	fmt.Fprintf(o.Log, "lab %s: clearing away what an earlier one left\n", o.Name)
	if err := takeDown(ctx, store, o.Name); err != nil {
		return err
	}
	return empty(o.Dir)
}

// empty refuses a folder that holds anything.
func empty(dir string) error {
	if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
		return fmt.Errorf("use folder %s: it is not empty, and down deletes what is in it", dir)
	}
	return nil
}

// check refuses options that contradict each other or what there is.
func (o *Options) check() error {
	if err := state.CheckName(o.Name); err != nil {
		return err
	}
	if !slices.Contains(image.Variants(), o.Image) {
		return fmt.Errorf("use image %q: there are %v", o.Image, image.Variants())
	}
	if o.Sudo != SudoFree && o.Sudo != SudoPassword {
		return fmt.Errorf("use sudo %q: it is %s or %s", o.Sudo, SudoFree, SudoPassword)
	}
	if o.Hosts < 1 || o.Hosts > state.MaxHosts {
		return fmt.Errorf("make %d hosts: a lab has 1 to %d", o.Hosts, state.MaxHosts)
	}
	return o.checkMirror()
}

// build makes the lab, recording each resource before it is there.
func (l *Lab) build(ctx context.Context, o Options, lock *state.Lock) error {
	sources, err := image.MachineSources("/")
	if err != nil {
		return err
	}
	cache := image.DefaultCache(o.Log)
	l.state.Layers, err = cache.Layers(ctx, o.Image, sources, func() []string { return layersInUse(l.store) })
	if err != nil {
		return err
	}
	if o.Mirror {
		if l.state.Mirror, err = builder(o.Log, "").Sites(ctx); err != nil {
			return err
		}
	}
	if err := l.reserve(ctx, o.Hosts); err != nil {
		return err
	}
	if err := l.writeFiles(); err != nil {
		return err
	}
	h, err := supervisor.Spawn(ctx, supervisor.Config{Store: l.store, Name: l.state.Name,
		Mirrors: sources.Mirrors(), Packages: cache.Packages(), Faults: o.Faults}, lock)
	if err != nil {
		return err
	}
	if err := l.settle(ctx, o.Log); err != nil {
		h.Abandon()
		return err
	}
	return h.Keep()
}

func layersInUse(store state.Store) []string {
	var used []string
	labs, _ := store.Labs()
	for _, l := range labs {
		used = append(used, l.Layers...)
	}
	return used
}

// reserve takes a subnet nobody else has, and raises what the hosts need of the machine.
func (l *Lab) reserve(ctx context.Context, hosts int) error {
	all, err := l.store.LockAll(ctx)
	if err != nil {
		return err
	}
	defer all.Release()
	taken, err := l.store.Taken()
	if err != nil {
		return err
	}
	subnet, err := state.ChooseSubnet(l.state.Name, taken)
	if err != nil {
		return err
	}
	if err := l.state.Plan(subnet, hosts); err != nil {
		return err
	}
	if err := l.store.Save(l.state); err != nil {
		return err
	}
	groups, err := cgroup.OfLab(l.state.Name)
	if err != nil {
		return err
	}
	return l.store.Tune(groups.Delegations())
}

func (l *Lab) writeFiles() error {
	if err := os.MkdirAll(l.state.Dir, 0o755); err != nil {
		return err
	}
	a, err := newAccess(l.state)
	if err != nil {
		return err
	}
	for _, h := range l.state.Hosts {
		if err := seed(l.state, h, a); err != nil {
			return err
		}
	}
	return a.write(l.state)
}

// settle waits for all hosts and marks them.
func (l *Lab) settle(ctx context.Context, log io.Writer) error {
	var all sync.WaitGroup
	errs := make([]error, len(l.state.Hosts))
	for i, h := range l.state.Hosts {
		all.Go(func() {
			if errs[i] = l.waitBooted(ctx, h.Name); errs[i] == nil {
				errs[i] = l.Mark(h.Name)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err := fmt.Fprintf(log, "lab %s: %d hosts up, %s to %s\n", l.state.Name, len(l.state.Hosts),
		l.state.Hosts[0].Address, l.state.Hosts[len(l.state.Hosts)-1].Address)
	return err
}
