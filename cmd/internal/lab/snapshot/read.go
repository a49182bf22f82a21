//go:build linux

package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// read looks at one path; known spares reading a content that cannot have changed.
func read(full string, known *Entry) (*Entry, error) {
	info, err := os.Lstat(full)
	if err != nil {
		return nil, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("look at %s: no status", full)
	}
	const bits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	e := &Entry{Mode: info.Mode() & bits, UID: st.Uid, GID: st.Gid, Xattrs: xattrs(full),
		Stamp: stamp{st.Ino, st.Ctim.Nano()}}
	switch t := info.Mode().Type(); {
	case t == 0:
		e.Type, e.Size = "file", info.Size()
		if known != nil && known.Type == "file" && known.Stamp == e.Stamp && known.Size == e.Size {
			e.SHA256 = known.SHA256
			return e, nil
		}
		e.SHA256, err = hash(full)
	case t == fs.ModeDir:
		e.Type = "folder"
	case t == fs.ModeSymlink:
		e.Type, e.Mode = "link", 0
		e.Link, err = os.Readlink(full)
	default:
		e.Type = strings.TrimRight(t.String(), "-")
		if t&fs.ModeDevice != 0 {
			e.Link = fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
		}
	}
	return e, err
}

func hash(full string) (string, error) {
	f, err := os.OpenFile(full, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// whiteout tells whether an overlay's entry stands for a deleted one.
func whiteout(e fs.DirEntry) bool {
	if e.Type()&fs.ModeCharDevice == 0 {
		return false
	}
	info, err := e.Info()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Rdev == 0
}

func (e *Entry) whiteout() bool { return e != nil && e.Type == "Dc" && e.Link == "0:0" }

// opaque tells whether an overlay's folder hides all that lower ones have there.
func opaque(full string) bool {
	for _, name := range []string{"trusted.overlay.opaque", "user.overlay.opaque"} {
		var buf [2]byte
		if n, err := unix.Lgetxattr(full, name, buf[:]); err == nil && n == 1 && buf[0] == 'y' {
			return true
		}
	}
	return false
}

// xattrs renders the extended attributes, but for the overlay's own.
func xattrs(full string) string {
	buf := make([]byte, 4096)
	n, err := unix.Llistxattr(full, buf)
	if err != nil || n == 0 {
		return ""
	}
	var found []string
	for name := range strings.SplitSeq(strings.TrimRight(string(buf[:n]), "\x00"), "\x00") {
		if strings.Contains(name, ".overlay.") {
			continue
		}
		value := make([]byte, 4096)
		n, err := unix.Lgetxattr(full, name, value)
		if err != nil && !errors.Is(err, unix.ENODATA) {
			continue
		}
		found = append(found, fmt.Sprintf("%s=%x", name, value[:max(n, 0)]))
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}
