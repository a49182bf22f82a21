// Package place plans what makes a path hold what it should: content, owner,
// group and mode. All modules that write files share it; it knows none of them.
//
// # Decisions
//
// The right-hand side of a diff lists what was asked for, whether it differs or
// not: so a change that is only possible, because it is not known what is there,
// reads the same as the one that is done. A backup is named by the digest of what
// it keeps: the name is known before, and the same content is kept only once.
package place

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Found is what is at a path. In is zero unless something is There; Unsure says
// that nobody knows whether there is.
type Found struct {
	In            system.Info
	There, Unsure bool
}

// Look is what is at p, without following a link at p.
func Look(r system.Reader, p string) (Found, error) {
	in, err := r.Lstat(p)
	switch {
	case err == nil:
		return Found{In: in, There: true}, nil
	case Unsure(err):
		return Found{Unsure: true}, nil
	case errors.Is(err, fs.ErrNotExist):
		return Found{}, nil
	}
	return Found{}, err
}

// Unsure reports whether err means that nobody knows.
func Unsure(err error) bool { return system.Absent(err) && !errors.Is(err, fs.ErrNotExist) }

// Abs is p with a leading ~ replaced by the user's home; it is an error if p is
// not absolute then. A final slash stays.
func Abs(r system.Reader, p string) (string, error) {
	if p == "~" || strings.HasPrefix(p, "~/") {
		p = r.Facts().User.Home + p[1:]
	}
	if !path.IsAbs(p) {
		return "", fmt.Errorf("path %q is not absolute", p)
	}
	if clean := path.Clean(p); clean != "/" && strings.HasSuffix(p, "/") {
		return clean + "/", nil
	}
	return path.Clean(p), nil
}

// AbsPath is Abs for what may be a directory or not: without a final slash.
func AbsPath(r system.Reader, p string) (string, error) {
	p, err := Abs(r, p)
	return path.Clean(p), err
}

// Real is p without links, as far as they are known.
func Real(r system.Reader, p string) (string, error) {
	real := system.Resolve(r.Lstat, p, true)
	if real == "" {
		return "", fmt.Errorf("follow %s: links form a loop", p)
	}
	return real, nil
}

// Parent is an error if it is certain that p cannot be made because the directory
// it is to be in is not there.
func Parent(r system.Reader, p string) error {
	dir, err := Real(r, path.Dir(p))
	if err != nil {
		return err
	}
	f, err := Look(r, dir)
	switch {
	case err != nil:
		return err
	case !f.There && !f.Unsure:
		return fmt.Errorf("write %s: directory %s does not exist", p, path.Dir(p))
	case f.There && f.In.Type != fs.ModeDir:
		return fmt.Errorf("write %s: %s is not a directory", p, path.Dir(p))
	}
	return nil
}
