package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
)

// Mkdir makes p.
func (s *System) Mkdir(p string, a system.Attrs) error {
	o, err := s.owner(p, a)
	if err != nil {
		return err
	}
	at := s.real(p, false)
	if err := unix.Mkdir(at, 0o700); err != nil {
		return explain("mkdir", p, at, err)
	}
	if o.mode == 0 {
		o.mode = 0o755
	}
	if err := s.set(p, at, o); err != nil {
		_ = os.Remove(at)
		return err
	}
	return nil
}

// Symlink makes a link at p.
func (s *System) Symlink(target, p string) error {
	at := s.real(p, false)
	if err := os.Symlink(target, at); err != nil {
		return explain("symlink", p, at, bare(err))
	}
	return nil
}

// SetAttrs changes what is not zero in a.
func (s *System) SetAttrs(p string, a system.Attrs) error {
	at := s.real(p, false)
	if _, err := s.info(p, at); err != nil {
		return err
	}
	o, err := s.owner(p, a)
	if err != nil {
		return err
	}
	return s.set(p, at, o)
}

// set holds on to what it changes, so that nobody can put a link in its place.
func (s *System) set(p, at string, o owner) error {
	fd, err := unix.Open(at, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fault("set attributes of", p, err)
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fault("set attributes of", p, err)
	}
	if o.uid >= 0 && o.uid != int(st.Uid) || o.gid >= 0 && o.gid != int(st.Gid) {
		if err := unix.Fchownat(fd, "", o.uid, o.gid, unix.AT_EMPTY_PATH); err != nil {
			return explain("set owner of", p, at, err)
		}
		if o.mode == 0 {
			o.mode = modeOf(st.Mode)
		}
	}
	if o.mode == 0 || typeOf(st.Mode) == fs.ModeSymlink {
		return nil
	}
	if err := unix.Chmod(fmt.Sprintf("/proc/self/fd/%d", fd), bitsOf(o.mode)); err != nil {
		return explain("set mode of", p, at, err)
	}
	return nil
}

// Remove removes p and all below it; a link's target stays.
func (s *System) Remove(p string) error {
	at := s.real(p, false)
	switch {
	case at == "":
		return nil
	case path.Clean(at) == "/" || path.Clean(at) == s.opt.Root:
		return fault("remove", p, fs.ErrInvalid)
	}
	err := os.RemoveAll(path.Clean(at))
	if errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return explain("remove", p, at, bare(err))
	}
	return nil
}
