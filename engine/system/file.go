package system

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/unknown"
)

// MaxRead is the most bytes ReadFile reads into memory.
const MaxRead = 64 << 20

// ErrTooLarge is ReadFile's answer for a file of more than MaxRead bytes.
var ErrTooLarge = errors.New("file is larger than 64 MiB")

// ReadFile is the whole content of the file at path, ErrTooLarge if that is more
// than MaxRead bytes.
func ReadFile(r Reader, path string) ([]byte, error) {
	f, err := r.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxRead+1))
	if err == nil && len(data) > MaxRead {
		return nil, fmt.Errorf("read %s: %w", path, ErrTooLarge)
	}
	return data, err
}

// Content is what a file is to hold. Its bytes are read only when they are
// needed, maybe more than once, and maybe never. One that only applying can tell
// opens with an unknown.Value as error.
type Content struct {
	SHA256 string // lower-case hex; "" if it is known only after reading
	Size   int64  // in bytes, -1 if it is known only after reading
	Open   func(context.Context) (io.ReadCloser, error)
	// Lazy has the bytes travel only to a host that asks for them, however few they
	// are: they come from far, or are a secret.
	Lazy bool
}

// Data is data as Content. The caller no longer changes data.
func Data(data []byte) Content {
	return Content{SHA256: Sum(data), Size: int64(len(data)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

// ErrChanged is Rewrite's answer for a file that somebody else has changed.
var ErrChanged = errors.New("file has changed since it was looked at")

// Rewrite is WriteFile for content that was made from old, which is what path held
// when the plan was made, and nil if nothing was there. If it holds something else
// by now it stays as it is, and the error is ErrChanged.
func Rewrite(s System, path string, old []byte, c Content, a Attrs) error {
	sum, err := s.Digest(path)
	switch {
	case old == nil && err == nil, old != nil && errors.Is(err, fs.ErrNotExist), old != nil && err == nil && sum != Sum(old):
		return &fs.PathError{Op: "write", Path: path, Err: ErrChanged}
	}
	return s.WriteFile(path, c, a)
}

// Sum is the lower-case hex SHA-256 of data.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Bytes is all of c, ErrTooLarge if that is more than MaxRead bytes.
func (c Content) Bytes(ctx context.Context) ([]byte, error) {
	f, err := c.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxRead+1))
	if err == nil && len(data) > MaxRead {
		return nil, ErrTooLarge
	}
	return data, err
}

// Exists reports whether anything is at path, a dangling link too. In a check it
// may know where Lstat is in doubt about owner and mode.
func Exists(ctx context.Context, r Reader, path string) (bool, error) {
	_, err := r.Object(ctx, Path(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Absent reports whether err means that nothing is there, or that nobody knows
// whether there is. Steps planned after the latter are shown as possible only.
func Absent(err error) bool {
	_, unsure := unknown.Of(err)
	return unsure || errors.Is(err, fs.ErrNotExist)
}

// Attrs are the ownership and mode of a path; zero fields are left alone.
type Attrs struct {
	Owner, Group string      // a name, or a number in decimal
	Mode         fs.FileMode // permission bits with fs.ModeSetuid, fs.ModeSetgid and fs.ModeSticky
}

// Over is a, with what it leaves alone taken from old.
func (a Attrs) Over(old Attrs) Attrs {
	return Attrs{cmp.Or(a.Owner, old.Owner), cmp.Or(a.Group, old.Group), cmp.Or(a.Mode, old.Mode)}
}

// Info is what Lstat and ReadDir say of a path, named as it was asked for. Owner and Group of its Attrs are names
// where the host has names for them, else numbers. The mode of a symlink is
// always 0777.
type Info struct {
	Path   string
	Attrs  Attrs
	Type   fs.FileMode // fs.ModeDir, fs.ModeSymlink, another type bit of fs, or 0 for a regular file
	Size   int64       // of a regular file, in bytes; -1 if it is known after apply
	Target string      // of a symlink
}

// Resolve follows every link in p's directories, and p itself if last is set.
// at describes one path whose directories hold no links. A loop gives "", which
// names nothing.
func Resolve(at func(string) (Info, error), p string, last bool) string {
	done, rest := "/", split(p)
	for hops := 0; len(rest) > 0; {
		next := path.Join(done, rest[0])
		rest = rest[1:]
		in, err := at(next)
		if err != nil || in.Type != fs.ModeSymlink || len(rest) == 0 && !last {
			done = next
			continue
		}
		if hops++; hops > 40 {
			return ""
		}
		if path.IsAbs(in.Target) {
			done = "/"
		}
		rest = append(split(in.Target), rest...)
	}
	return done
}

func split(p string) []string {
	return strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
}
