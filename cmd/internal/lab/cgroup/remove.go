//go:build linux

package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Pids lists every process in the groups and below them, but for the caller.
func (s Set) Pids() []int {
	var pids []int
	for _, root := range s.Dirs() {
		for _, dir := range below(root) {
			data, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
			if err != nil {
				continue
			}
			for f := range strings.FieldsSeq(string(data)) {
				if pid, err := strconv.Atoi(f); err == nil && pid > 0 && pid != os.Getpid() {
					pids = append(pids, pid)
				}
			}
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

// Kill ends every process in the groups and waits until none is left.
func (s Set) Kill(ctx context.Context) error {
	for {
		pids := s.Pids()
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		s.thaw()
		select {
		case <-ctx.Done():
			return fmt.Errorf("end processes %v in cgroup %s: %w", pids, s.Path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// thaw lets frozen processes take the signal that ends them; what starts containers
// freezes them for a moment, which is for good if it is killed itself.
func (s Set) thaw() {
	for _, root := range s.Dirs() {
		for _, dir := range below(root) {
			for file, state := range map[string]string{"freezer.state": "THAWED", "cgroup.freeze": "0"} {
				f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY|os.O_TRUNC, 0)
				if err != nil {
					continue // another hierarchy, or gone
				}
				_, _ = f.WriteString(state)
				_ = f.Close()
			}
		}
	}
}

// Remove deletes the groups and all below them; a group that is gone is no
// error. The kernel may need a moment after the last process has ended.
func (s Set) Remove(ctx context.Context) error {
	for {
		err := s.removeOnce()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("remove cgroup: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s Set) removeOnce() error {
	var errs []error
	for _, root := range s.Dirs() {
		dirs := below(root)
		slices.Reverse(dirs)
		for _, dir := range dirs {
			if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, fmt.Errorf("%s: %w", dir, err))
			}
		}
	}
	return errors.Join(errs...)
}

// below lists root and all groups under it, parents first.
func below(root string) []string {
	var dirs []string
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs
}

// Memory is what the host's processes use, in bytes; ok is false where this
// machine does not count it.
func (s Set) Memory() (n int64, ok bool) {
	for _, dir := range s.Dirs() {
		for _, file := range []string{"memory.current", "memory.usage_in_bytes"} {
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				continue
			}
			if n, err = strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil {
				return n, true
			}
		}
	}
	return 0, false
}
