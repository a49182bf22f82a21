package local

import (
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
)

// maxUndo is the most bytes of a file that are kept to undo writing it in place.
const maxUndo = 4 << 20

// isMount reports whether the file at p is a mount point of its own.
func isMount(p string) bool {
	var file, dir unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, p, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &file) != nil {
		return false
	}
	if file.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return file.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
	}
	err := unix.Statx(unix.AT_FDCWD, path.Dir(p), 0, unix.STATX_BASIC_STATS, &dir)
	return err == nil && (file.Dev_major != dir.Dev_major || file.Dev_minor != dir.Dev_minor)
}

// inPlace writes over the file at at, which cannot be renamed over.
func (s *System) inPlace(p, at string, c system.Content, o owner) error {
	f, err := os.OpenFile(at, os.O_RDWR|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fault("write", p, err)
	}
	defer f.Close()
	old, err := io.ReadAll(io.LimitReader(f, maxUndo))
	if err != nil {
		return fault("read", p, err)
	}
	if err = rewind(f); err == nil {
		err = fill(f, c)
	}
	if err == nil {
		err = o.give(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		return nil
	}
	if rewind(f) == nil {
		_, _ = f.Write(old)
	}
	return explain("write in place", p, at, err)
}

func rewind(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}
