//go:build linux

package lab

import (
	"context"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
	"github.com/gokube/gokube/cmd/internal/lab/supervisor"
)

// HostStatus is how a host is doing.
type HostStatus struct {
	Host
	Up     bool
	Cut    bool          // by Partition
	Delay  time.Duration // by Delay
	Boots  int
	Last   string // how its last boot ended, while it is off
	Memory int64  // bytes; 0 where this machine does not count
	Disk   int64  // bytes beyond the image
}

// Status describes every host, in order. All are off where the supervisor is gone.
func (l *Lab) Status(ctx context.Context) ([]HostStatus, error) {
	known := map[string]supervisor.HostStatus{}
	gone := ""
	if r, err := l.call(ctx, supervisor.Request{Op: supervisor.Status}); err == nil {
		for _, h := range r.Hosts {
			known[h.Name] = h
		}
	} else {
		gone = "supervisor is gone"
	}
	groups, err := cgroup.OfLab(l.state.Name)
	if err != nil {
		return nil, err
	}
	var all []HostStatus
	for _, h := range l.Hosts() {
		k := known[h.Name]
		s := HostStatus{Host: h, Up: k.Pid != 0, Cut: k.Cut, Delay: k.Delay, Boots: k.Boots, Last: k.Last + gone}
		s.Memory, _ = groups.Child(h.Name).Memory()
		dir := l.state.HostDir(h.Name)
		s.Disk = size(filepath.Join(dir, "upper")) + size(filepath.Join(dir, "data"))
		all = append(all, s)
	}
	return all, nil
}

// size adds up what the files below dir take on the disk.
func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				n += st.Blocks * 512
			}
		}
		return nil
	})
	return n
}
