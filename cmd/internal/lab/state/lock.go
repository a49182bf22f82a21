//go:build linux

package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is held by one process, and by those it hands the file to, until the last
// of them closes it; the kernel releases it when they die.
type Lock struct {
	File *os.File
	path string
}

// LockLab waits for the lab's lock.
func (s Store) LockLab(ctx context.Context, name string) (*Lock, error) {
	return Acquire(ctx, filepath.Join(s.Root, "."+name+".lock"))
}

// LockAll waits for the lock on what the labs share: subnets and the settings of the machine.
func (s Store) LockAll(ctx context.Context) (*Lock, error) {
	return Acquire(ctx, filepath.Join(s.Root, ".lock"))
}

// Acquire waits for the lock at path, making the file and its folder if needed.
func Acquire(ctx context.Context, path string) (*Lock, error) {
	for {
		// Inside the loop: whoever takes the last lab down deletes the folder.
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		l, err := try(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if l != nil {
			return l, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s, which another gokube holds: %w", path, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// try returns nil without an error if somebody else holds the lock.
func try(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil && stillThere(f, path) {
		return &Lock{f, path}, nil
	}
	f.Close()
	if err == nil || errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, err
}

// stillThere is false if the file was removed by its last holder while we opened it.
func stillThere(f *os.File, path string) bool {
	mine, err1 := f.Stat()
	now, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(mine, now)
}

// Release gives up this process's hold.
func (l *Lock) Release() { l.File.Close() }

// Remove releases the lock and leaves no file behind. Only for a holder that has
// not handed the file on.
func (l *Lock) Remove() {
	os.Remove(l.path)
	l.File.Close()
}
