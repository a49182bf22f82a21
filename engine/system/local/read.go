package local

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/digests"
)

// Lstat describes p.
func (s *System) Lstat(p string) (system.Info, error) {
	in, err := s.info(p, s.real(p, false))
	return in, err
}

// describe says what type a path below Root is, and where a link leads. Owners are
// left out: to name them, files are read that have to be found with this.
func (s *System) describe(p string) (in system.Info, err error) {
	st, err := lstat(s.opt.Root + p)
	if err == nil {
		if in.Type = typeOf(st.Mode); in.Type == fs.ModeSymlink {
			in.Target, err = os.Readlink(s.opt.Root + p)
		}
	}
	return in, err
}

func (s *System) info(p, at string) (system.Info, error) {
	st, err := lstat(at)
	if err != nil {
		return system.Info{}, fault("lstat", p, err)
	}
	in := system.Info{Path: p, Type: typeOf(st.Mode), Attrs: system.Attrs{
		Owner: s.accounts.userName(int(st.Uid)), Group: s.accounts.groupName(int(st.Gid)), Mode: modeOf(st.Mode),
	}}
	switch in.Type {
	case 0:
		in.Size = st.Size
	case fs.ModeSymlink:
		in.Attrs.Mode = 0o777
		in.Target, err = os.Readlink(at)
	}
	return in, fault("lstat", p, err)
}

func lstat(p string) (st unix.Stat_t, err error) {
	if p == "" {
		return st, unix.ENOENT
	}
	for {
		if err = unix.Lstat(p, &st); err != unix.EINTR {
			return st, err
		}
	}
}

func typeOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFBLK:
		return fs.ModeDevice
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	}
	return 0
}

func modeOf(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & 0o777)
	for _, s := range special() {
		if mode&s.bit != 0 {
			m |= s.flag
		}
	}
	return m
}

func bitsOf(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	for _, s := range special() {
		if m&s.flag != 0 {
			mode |= s.bit
		}
	}
	return mode
}

// modeBit is a bit of a mode that is no permission, as Unix and Go have it.
type modeBit struct {
	bit  uint32
	flag fs.FileMode
}

func special() [3]modeBit {
	return [...]modeBit{{unix.S_ISUID, fs.ModeSetuid}, {unix.S_ISGID, fs.ModeSetgid}, {unix.S_ISVTX, fs.ModeSticky}}
}

// Open reads the regular file p leads to.
func (s *System) Open(p string) (io.ReadCloser, error) {
	f, _, err := s.open(p)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// reader is no more than a Reader.
type reader struct{ io.Reader }

// Digest reads all of p.
func (s *System) Digest(p string) (string, error) {
	f, size, err := s.open(p)
	if err != nil {
		return "", err
	}
	defer f.Close()
	large, ok := f.(*os.File)
	if !ok || s.opt.Digests == nil {
		return digest(p, f, size)
	}
	before, err := digests.Of(large)
	if err != nil {
		return "", fault("stat", p, err)
	}
	if sum, ok := s.opt.Digests.Get(before); ok {
		return sum, nil
	}
	sum, err := digest(p, f, size)
	if after, aerr := digests.Of(large); err == nil && aerr == nil && after == before {
		s.opt.Digests.Put(before, sum)
	}
	return sum, err
}

// digest reads all of f, which is at p.
func digest(p string, f io.Reader, size int64) (string, error) {
	h := sha256.New()
	// Most files are small, and the buffer that Copy would make is not.
	if _, err := io.CopyBuffer(h, reader{f}, make([]byte, min(max(size+1, 512), 64<<10))); err != nil {
		return "", fault("read", p, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ReadDir lists p; what disappears while it is listed is left out.
func (s *System) ReadDir(p string) (out []system.Info, err error) {
	at := s.real(p, true)
	d, err := os.Open(at)
	if err != nil {
		return nil, fault("read directory", p, err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fault("read directory", p, err)
	}
	slices.Sort(names)
	for _, n := range names {
		if in, err := s.info(path.Join(p, n), path.Join(at, n)); err == nil {
			out = append(out, in)
		}
	}
	return out, nil
}
