//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
	"github.com/gokube/gokube/cmd/internal/lab/network"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// downTimeout is how long the kernel may take to let go of a lab.
const downTimeout = 30 * time.Second

// Down takes a lab away: processes, links, control groups, files, and what
// labs changed of the machine's settings. It works from the lab's name and whatever state there
// is; a lab that is not there, or is half there, is no error.
func Down(ctx context.Context, name string) error {
	if err := state.CheckName(name); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errRoot
	}
	store := state.Default()
	lock, err := store.LockLab(ctx, name)
	if err != nil {
		return err
	}
	if err := takeDown(ctx, store, name); err != nil {
		lock.Release()
		return err
	}
	lock.Remove()
	_ = os.Remove(store.Root) // if it was the last
	return nil
}

// takeDown is Down for one who holds the lab's lock.
func takeDown(ctx context.Context, store state.Store, name string) error {
	ctx, cancel := context.WithTimeout(ctx, downTimeout)
	defer cancel()
	if err := errors.Join(stop(ctx, store, name), removeFiles(store, name), restore(ctx, store)); err != nil {
		return fmt.Errorf("take down lab %q: %w", name, err)
	}
	return nil
}

// stop ends all that runs: the supervisor, which takes the hosts along, then
// whoever is still in the lab's control groups.
func stop(ctx context.Context, store state.Store, name string) error {
	if p, ok := store.Supervisor(name); ok {
		_ = syscall.Kill(p.Pid, syscall.SIGTERM)
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_ = poll(patience, func() error {
			if p.Alive() {
				return errors.New("it is still there")
			}
			return nil
		})
	}
	groups, err := cgroup.OfLab(name)
	if err != nil {
		return err
	}
	return errors.Join(groups.Kill(ctx), groups.Remove(ctx), network.RemoveLink(ctx, state.UplinkName(name)))
}

// removeFiles deletes the lab's files. A folder that the user named loses what the lab
// put there, and goes if nothing else is in it.
func removeFiles(store state.Store, name string) error {
	l, err := store.Load(name)
	folder := store.Folder(name)
	if err == nil && l.Dir != folder {
		for _, f := range []string{inventoryFile, keyFile, keyFile + ".pub", knownHostsFile, sshConfigFile, "hosts", "marks"} {
			if err := os.RemoveAll(filepath.Join(l.Dir, f)); err != nil {
				return err
			}
		}
		if err := os.Remove(l.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			return err
		}
	}
	return os.RemoveAll(folder)
}

// restore puts back the machine's settings once no lab needs them.
func restore(ctx context.Context, store state.Store) error {
	all, err := store.LockAll(ctx)
	if err != nil {
		return err
	}
	if err := store.Restore(); err != nil {
		all.Release()
		return err
	}
	all.Remove()
	return nil
}
