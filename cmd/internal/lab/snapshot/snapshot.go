//go:build linux

// Package snapshot tells which files of a host differ between two moments. It
// reads the overlay's upper folder and the folders that lie beside the overlay,
// never the whole disk. It does not know what a lab is.
//
// # Decisions
//
// Files are compared by content, mode, owner and extended attributes; times do
// not count. A file that was copied up and is the same again has not changed. A
// folder that was deleted is told with all that was in it. A file whose inode,
// size and change time are as before is not read again.
package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// Entry is what one path holds.
type Entry struct {
	Type   string      `json:"type"` // "file", "folder", "link", or the mode's letter of something rarer
	Mode   fs.FileMode `json:"mode"` // permissions, with setuid, setgid and sticky
	UID    uint32      `json:"uid"`
	GID    uint32      `json:"gid"`
	Size   int64       `json:"size,omitempty"`
	SHA256 string      `json:"sha256,omitempty"` // of a file's content, in hexadecimal
	Link   string      `json:"link,omitempty"`   // where a link points, a device's number
	Xattrs string      `json:"xattrs,omitempty"` // names and values of extended attributes

	Stamp stamp `json:"stamp"`
}

// stamp is the same as long as a file's content is.
type stamp struct {
	Ino   uint64 `json:"ino"`
	CTime int64  `json:"ctime"`
}

// Disk is where a host's files are found.
type Disk struct {
	Lower  []string          // the overlay's lower folders, the topmost first
	Upper  string            // the overlay's upper folder
	Beside map[string]string // path on the host -> folder that is mounted there
}

// View is what a disk holds wherever it may differ from its lower folders: paths
// to entries, nil for a path that was deleted.
type View map[string]*Entry

// Take looks at the disk as it is now. Contents known to before are not read again.
func (d Disk) Take(before View) (View, error) {
	v := View{}
	if err := d.walk(v, before, d.Upper, "/", true); err != nil {
		return nil, err
	}
	for at, dir := range d.Beside {
		if err := d.walk(v, before, dir, at, false); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// walk records everything below dir, which the host sees at the path at.
func (d Disk) walk(v, before View, dir, at string, overlay bool) error {
	return filepath.WalkDir(dir, func(full string, e fs.DirEntry, err error) error {
		if gone(err) {
			return nil // a living host deletes files under the walk
		}
		if err != nil {
			return err
		}
		p := path.Join(at, strings.TrimPrefix(full, dir))
		if _, beside := d.Beside[p]; overlay && beside {
			return fs.SkipDir
		}
		if overlay && whiteout(e) {
			d.deleted(v, p)
			return nil
		}
		entry, err := read(full, before[p])
		if gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if overlay && d.hides(full, p, e) {
			d.deleted(v, p)
		}
		v[p] = entry
		return nil
	})
}

// hides reports whether the overlay's entry at full lets nothing of what the
// lower folders have at p be seen.
func (d Disk) hides(full, p string, e fs.DirEntry) bool {
	return e.IsDir() && opaque(full) || !e.IsDir() && d.wasFolder(p)
}

func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE)
}

func (d Disk) wasFolder(p string) bool {
	for _, lower := range d.Lower {
		if info, err := os.Lstat(lower + p); err == nil {
			return info.IsDir()
		}
	}
	return false
}

// deleted records that p and all below it, as the lower folders have it, is gone.
func (d Disk) deleted(v View, p string) {
	v[p] = nil
	for _, lower := range d.Lower {
		_ = filepath.WalkDir(lower+p, func(full string, e fs.DirEntry, err error) error {
			if err == nil && !whiteout(e) {
				if q := strings.TrimPrefix(full, lower); v[q] == nil {
					v[q] = nil
				}
			}
			return nil
		})
	}
}

// below is what the lower folders hold at p; nil is nothing.
func (d Disk) below(p string) (*Entry, error) {
	for _, lower := range d.Lower {
		e, err := read(lower+p, nil)
		if err == nil && e.whiteout() {
			return nil, nil
		}
		if err == nil || !gone(err) && !errors.Is(err, syscall.ENOTDIR) {
			return e, err
		}
		if hidden(lower, p) {
			return nil, nil
		}
	}
	return nil, nil
}

// hidden tells whether a layer hides what lower ones have at p: one of the
// folders that lead there is opaque in it, or is no folder.
func hidden(layer, p string) bool {
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		info, err := os.Lstat(layer + dir)
		if err == nil && (!info.IsDir() || opaque(layer+dir)) {
			return true
		}
		if dir == "/" {
			return false
		}
	}
}
