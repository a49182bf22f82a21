package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
)

// owner is who shall own a path and how, -1 for what is left alone.
type owner struct {
	uid, gid int
	mode     fs.FileMode
}

func (s *System) owner(p string, a system.Attrs) (o owner, err error) {
	o = owner{-1, -1, a.Mode}
	var ok bool
	if o.uid, ok = s.accounts.uid(a.Owner); !ok {
		return o, &system.NoOwnerError{Kind: "user", Name: a.Owner, Path: p}
	}
	if o.gid, ok = s.accounts.gid(a.Group); !ok {
		return o, &system.NoOwnerError{Kind: "group", Name: a.Group, Path: p}
	}
	return o, nil
}

// WriteFile writes beside p and renames.
func (s *System) WriteFile(p string, c system.Content, a system.Attrs) error {
	o, err := s.owner(p, a)
	if err != nil {
		return err
	}
	at := s.real(p, false)
	old, err := lstat(at)
	label := func(*os.File) {}
	kept := err == nil && typeOf(old.Mode) == 0
	switch {
	case at == "" || err != nil && !errors.Is(err, unix.ENOENT):
		return fault("write", p, err)
	case err == nil && typeOf(old.Mode) == fs.ModeDir:
		return fault("write", p, fs.ErrExist)
	case kept:
		acl := o.mode == 0
		o = o.over(old)
		label = func(f *os.File) { copyLabels(at, f, acl) }
	}
	err = s.replace(p, at, c, o, label)
	if kept && rigid(at, err) {
		return s.inPlace(p, at, c, o)
	}
	return explain("write", p, at, err)
}

// rigid reports whether err says that the file at p cannot be renamed over.
func rigid(p string, err error) bool {
	return errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EXDEV) || errors.Is(err, unix.EROFS) && isMount(p)
}

// replace makes a complete file and renames it over at.
func (s *System) replace(p, at string, c system.Content, o owner, label func(*os.File)) error {
	tmp, err := s.beside(p, at, c, o, label)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, at); err != nil {
		_ = os.Remove(tmp)
		return bare(err)
	}
	syncDir(path.Dir(at))
	return nil
}

// over is o with what it leaves alone taken from old.
func (o owner) over(old unix.Stat_t) owner {
	if o.uid < 0 && int(old.Uid) != os.Geteuid() {
		o.uid = int(old.Uid)
	}
	if o.gid < 0 {
		o.gid = int(old.Gid)
	}
	if o.mode == 0 {
		o.mode = modeOf(old.Mode)
	}
	return o
}

// beside makes a complete file in the directory of at; on error there is none.
func (s *System) beside(p, at string, c system.Content, o owner, label func(*os.File)) (string, error) {
	tmp := path.Join(path.Dir(at), ".gokube-"+strconv.FormatUint(rand.Uint64(), 36))
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return "", bare(err)
	}
	if o.mode == 0 {
		o.mode = 0o644
	}
	if err = fill(f, c); err == nil {
		label(f)
		err = fault("set owner and mode of", p, o.give(f))
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(tmp)
	}
	return tmp, err
}

// fill writes c to f and checks that it is what c promises to be.
func fill(f *os.File, c system.Content) error {
	r, err := c.Open(context.Background())
	if err != nil {
		return &sourceError{err}
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), source{r})
	if err != nil {
		return err
	}
	if c.Size >= 0 && n != c.Size || c.SHA256 != "" && c.SHA256 != hex.EncodeToString(h.Sum(nil)) {
		return fmt.Errorf("content changed while it was copied: got %d bytes with sha256 %x", n, h.Sum(nil))
	}
	return nil
}

// sourceError is an error of the content, as against one of the file it goes to.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read content: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

type source struct{ io.Reader }

func (s source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = &sourceError{err}
	}
	return n, err
}

// give sets the owner before the mode: setting it clears special bits.
func (o owner) give(f *os.File) error {
	if o.uid >= 0 || o.gid >= 0 {
		if err := f.Chown(o.uid, o.gid); err != nil {
			return err
		}
	}
	return unix.Fchmod(int(f.Fd()), bitsOf(o.mode))
}

// copyLabels gives f the extended attributes of the file at from, as far as that
// is possible; the access list only if acl is set.
func copyLabels(from string, f *os.File, acl bool) {
	names := make([]byte, 64<<10)
	n, err := unix.Llistxattr(from, names)
	if err != nil {
		return
	}
	for _, name := range strings.Split(string(names[:n]), "\x00") {
		wanted := name == "security.selinux" || strings.HasPrefix(name, "user.") || acl && name == "system.posix_acl_access"
		value := make([]byte, 64<<10)
		if !wanted {
			continue
		}
		if n, err := unix.Lgetxattr(from, name, value); err == nil {
			_ = unix.Fsetxattr(int(f.Fd()), name, value[:n], 0)
		}
	}
}

// syncDir makes a rename last; a file system that cannot is not told of.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// bare is the error number in err, if there is one.
func bare(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

// explain is fault, with the reason that the error number does not tell.
func explain(op, p, at string, err error) error {
	if errors.Is(err, unix.EPERM) && (immutable(at) || immutable(path.Dir(at))) {
		return &fs.PathError{Op: op, Path: p, Err: fmt.Errorf("it or its directory is marked immutable (see chattr -i): %w", unix.EPERM)}
	}
	var errno syscall.Errno
	var pe *fs.PathError
	var src *sourceError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &src):
		return fmt.Errorf("%s %s: %w", op, p, src)
	case errors.As(err, &pe) && pe.Path == p:
		return err
	case !errors.As(err, &errno) && pe == nil:
		return fmt.Errorf("%s %s: %w", op, p, err)
	}
	return fault(op, p, err)
}

func immutable(p string) bool {
	f, err := os.OpenFile(p, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	const immutableFlag = 0x10 // FS_IMMUTABLE_FL
	return err == nil && flags&immutableFlag != 0
}
