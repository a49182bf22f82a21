// Package local is the System of the machine it runs on, and the only code that
// changes one. It knows no modules and no check mode: declared effects are the
// caller's to verify.
//
// # Decisions
//
// What the kernel and plain files say is read in process; a shell-out costs more
// than all other work of a task that changes nothing. Parsed files are kept until
// their size, inode or time of change differs.
//
// A file is replaced by renaming a complete one over it. One that is a mount point
// of its own, such as /etc/hosts in a container, cannot be renamed over: it is
// written in place, which is not atomic, and put back if that ends early.
//
// A file made anew gets the SELinux label that its directory gives it; one that is
// replaced keeps its label and user attributes, but not its capabilities, which
// were given to another content.
package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/digests"
)

// Options are what a System may be told; the zero Options are for a real host.
type Options struct {
	// Root is the directory that is taken for /, for tests; "" is the real one.
	// Commands are not confined to it.
	Root string
	// Tools finds the program for a command that gokube brings along. Without it
	// such a command is fs.ErrNotExist.
	Tools func(ctx context.Context, name string) (path string, err error)
	// Grace is how long a cancelled command may take to end before it is killed;
	// 0 means three seconds.
	Grace time.Duration
	// Digests remembers those of large files; nil remembers none.
	Digests *digests.Memory
}

// System is this machine, as the user of this process. It is safe for concurrent
// use, as far as what is changed concurrently is not the same.
type System struct {
	opt      Options
	facts    func() *system.Facts
	accounts *accounts
	packages *packages
	builtin  cached[map[string]bool]
	bus      bus
}

var _ system.System = (*System)(nil)

// New returns the System of this machine. It does nothing yet.
func New(o Options) *System {
	if o.Grace == 0 {
		o.Grace = 3 * time.Second
	}
	s := &System{opt: o}
	s.accounts = &accounts{s: s}
	s.packages = &packages{s: s}
	s.facts = sync.OnceValue(s.gather)
	return s
}

// Facts gathers the facts at its first call.
func (s *System) Facts() *system.Facts { return s.facts() }

// real is where p is on this machine: below Root, with its links followed there.
func (s *System) real(p string, last bool) string {
	if s.opt.Root == "" {
		if p == "" || p[0] != '/' {
			return "/" + p
		}
		return p
	}
	p = system.Resolve(s.describe, p, last)
	if p == "" {
		return ""
	}
	return s.opt.Root + p
}

// read is all of a small file of the system's, "" if it cannot be read.
func (s *System) read(p string) string {
	data, err := slurp(s.real(p, true))
	if err != nil {
		return ""
	}
	return string(data)
}

// line is a small file of the system's without white space around it.
func (s *System) line(p string) string { return strings.TrimSpace(s.read(p)) }

// exists reports whether p leads to anything.
func (s *System) exists(p string) bool {
	_, err := os.Stat(s.real(p, true))
	return err == nil
}

// fault is err as the contract words it: for op on p, whatever temporary path was
// in it, and fs.ErrNotExist for all the ways of not being there.
func fault(op, p string, err error) error {
	var errno syscall.Errno
	var pe *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &errno):
		err = errno
	case errors.As(err, &pe):
		err = pe.Err
	}
	if errno == unix.ENOTDIR || errno == unix.ELOOP {
		err = fs.ErrNotExist
	}
	return &fs.PathError{Op: op, Path: p, Err: err}
}

// stamp tells one state of a file from another.
type stamp struct {
	size, sec, nsec int64
	dev, ino        uint64
}

func (s *System) stamp(p string) stamp {
	var st unix.Stat_t
	if unix.Stat(s.real(p, true), &st) != nil {
		return stamp{size: -1}
	}
	return stamp{st.Size, st.Mtim.Sec, st.Mtim.Nsec, st.Dev, st.Ino}
}

// cached is what was last parsed of a file. The zero cached is empty.
type cached[T any] struct {
	mu    sync.Mutex
	known bool
	stamp stamp
	asked time.Time // when stamp was taken
	value T
}

// get is parse's result for p as it is now.
func (c *cached[T]) get(s *System, p string, parse func() T) T {
	return c.recent(s, p, 0, parse)
}

// recent is get, or what that was no longer than age ago.
func (c *cached[T]) recent(s *System, p string, age time.Duration, parse func() T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && age > 0 && time.Since(c.asked) < age {
		return c.value
	}
	c.asked = time.Now()
	if now := s.stamp(p); !c.known || now != c.stamp {
		c.known, c.stamp, c.value = true, now, parse()
	}
	return c.value
}

// forget makes the next get parse again.
func (c *cached[T]) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = false
}
