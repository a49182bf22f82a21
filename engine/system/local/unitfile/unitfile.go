// Package unitfile remembers what systemd said of the state of units' files (enabled,
// static, masked, ...) for as long as nothing changes that decides it. It does not
// know how systemd is asked.
package unitfile

import (
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// searched are the directories that systemd goes through for a unit's file and for
// the links that enable it; what decides that is in them and in their directories
// of links.
func searched() []string {
	return []string{
		"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early",
		"/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late",
	}
}

// States are what systemd said last of units' files. To answer that it goes
// through hundreds of them, so its answer is kept for as long as the kernel tells of
// no change in any of the directories. The zero States is empty. Not safe for
// concurrent use.
type States struct {
	dirs  []string          // nil is searched
	there []string          // those of dirs that exist, each once
	watch int               // inotify's descriptor
	known map[string]string // nil while nothing is watched
}

// Get is the state of name's file; ok is false if systemd has to be asked, and the
// answer goes to Put.
func (f *States) Get(name string) (state string, ok bool) {
	if f.changed() {
		f.close()
	}
	if state, ok = f.known[name]; ok {
		return state, true
	}
	f.observe(name)
	return "", false
}

// Put keeps state if changes of it are noticed. It was asked for after Get.
func (f *States) Put(name, state string) {
	if f.known != nil {
		f.known[name] = state
	}
}

// changed reports whether something has happened since observe.
func (f *States) changed() bool {
	if f.known == nil {
		return false
	}
	var event [unix.SizeofInotifyEvent + unix.NAME_MAX + 1]byte
	n, err := unix.Read(f.watch, event[:])
	return n > 0 || err != unix.EAGAIN
}

func (f *States) close() {
	if f.known != nil {
		_ = unix.Close(f.watch) // it was only read
	}
	f.known = nil
}

// happens are the events of a directory or a file after which anything may be.
const happens = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF

// observe has the kernel tell of changes in the directories, and of name's file
// where a link leads out of them. Without that nothing is kept.
func (f *States) observe(name string) {
	if f.dirs == nil {
		f.dirs = searched()
	}
	if f.known == nil {
		fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
		if err != nil {
			return
		}
		f.watch, f.known, f.there = fd, map[string]string{}, nil
		f.directories()
	}
	names := []string{name}
	if i := strings.IndexByte(name, '@'); i >= 0 {
		names = append(names, name[:i+1]+path.Ext(name))
	}
	for _, dir := range f.there {
		for _, n := range names {
			f.add(path.Join(dir, n))
		}
	}
}

// directories watches each with its directories of links, or what it would appear in.
func (f *States) directories() {
	seen := map[int]bool{}
	for _, dir := range f.dirs {
		n, ok := f.add(dir)
		switch {
		case ok && !seen[n]: // /lib may be /usr/lib
			seen[n] = true
			f.there = append(f.there, dir)
			f.links(dir)
		case !ok:
			for at := path.Dir(dir); !ok && f.known != nil; at = path.Dir(at) {
				_, ok = f.add(at)
			}
		}
	}
}

// links watches the directories of links in dir.
func (f *States) links(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		f.close() // it was there just now
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, n := range names {
		switch path.Ext(n) {
		case ".wants", ".requires", ".upholds", ".d":
			f.add(path.Join(dir, n))
		}
	}
}

// add watches p, and gives the number of its inode there; false if there is none. If
// p cannot be watched nothing is kept.
func (f *States) add(p string) (n int, ok bool) {
	if f.known == nil {
		return 0, false
	}
	n, err := unix.InotifyAddWatch(f.watch, p, happens)
	if err != nil && err != unix.ENOENT && err != unix.ENOTDIR {
		f.close()
	}
	return n, err == nil
}
