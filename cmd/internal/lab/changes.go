//go:build linux

package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/cmd/internal/lab/image"
	"github.com/gokube/gokube/cmd/internal/lab/snapshot"
	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// FileChange is one path of a host that differs since the host's mark.
type FileChange = snapshot.Change

// Mark remembers what the host's files are now. Up does it once for every host.
func (l *Lab) Mark(host string) error {
	d, err := l.disk(host)
	if err != nil {
		return err
	}
	before, _ := l.mark(host)
	now, err := d.Take(before)
	if err != nil {
		return fmt.Errorf("mark %s: %w", host, err)
	}
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	path := l.markFile(host)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return state.Replace(path, data, 0o600)
}

// Changes lists every file that differs from the host's mark, sorted by path, but
// for those that a living host and gokube's runner touch by themselves.
func (l *Lab) Changes(host string) ([]FileChange, error) {
	all, err := l.AllChanges(host)
	return snapshot.Foreign(all), err
}

// AllChanges is Changes with nothing left out. What lies in memory (/run, /dev/shm)
// is no file of the host's disk and is never listed.
func (l *Lab) AllChanges(host string) ([]FileChange, error) {
	d, err := l.disk(host)
	if err != nil {
		return nil, err
	}
	before, err := l.mark(host)
	if err != nil {
		return nil, err
	}
	now, err := d.Take(before)
	if err != nil {
		return nil, fmt.Errorf("look at the disk of %s: %w", host, err)
	}
	return d.Diff(before, now)
}

func (l *Lab) disk(host string) (snapshot.Disk, error) {
	if _, err := l.state.Host(host); err != nil {
		return snapshot.Disk{}, err
	}
	return snapshot.Disk{
		Lower:  l.state.Layers,
		Upper:  filepath.Join(l.state.HostDir(host), "upper"),
		Beside: l.state.DataDirs(host, image.DataFolders()),
	}, nil
}

func (l *Lab) markFile(host string) string {
	return filepath.Join(l.state.Dir, "marks", host+".json")
}

func (l *Lab) mark(host string) (snapshot.View, error) {
	data, err := os.ReadFile(l.markFile(host))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("find the mark of %s: there is none, set it with: gokube lab mark --name %s %s", host, l.state.Name, host)
	}
	if err != nil {
		return nil, err
	}
	v := snapshot.View{}
	return v, json.Unmarshal(data, &v)
}
