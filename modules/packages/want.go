package packages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// want is one package that a task names, and what the host has of it.
type want struct {
	name, version string // as asked for; no version is any
	there, unsure bool   // it is installed; nobody knows whether it is
	installed     string // its version
	candidate     string // the version that would be installed, "" if it is not known yet
}

// parse reads NAME or NAME=VERSION.
func parse(word string) (want, error) {
	name, version, pinned := strings.Cut(word, "=")
	switch {
	case strings.Contains(word, "://") || strings.HasPrefix(word, "/") || strings.HasSuffix(word, ".deb") || strings.HasSuffix(word, ".rpm"):
		return want{}, fmt.Errorf("install %q: it is a file, and a package's name is wanted: fetch it with get_url and install it with command", word)
	case name == "" || strings.ContainsAny(name, " \t\n;|&<>@*?") || strings.HasPrefix(name, "-"):
		return want{}, fmt.Errorf("%q is no name of a package", word)
	case pinned && (version == "" || strings.ContainsAny(version, " \t\n") || strings.HasPrefix(version, "-")):
		return want{}, fmt.Errorf("%q names no version after the =", word)
	}
	return want{name: name, version: version}, nil
}

// look asks r what it has of w.
func (w *want) look(ctx context.Context, r system.Reader) error {
	p, err := system.Get[system.Package](ctx, r, w.name)
	if w.unsure = unsure(err); err != nil && !w.unsure && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.there, w.installed = err == nil, p.Version
	return nil
}

// fits reports whether version is one that w asks for; a version may have
// wildcards. What is installed by prediction may be of any version.
func (w *want) fits(version string) bool {
	ok, err := path.Match(w.version, version)
	return w.version == "" || version == "" || w.version == version || err == nil && ok
}

// exact is the version that w will have, "" if that is not known yet.
func (w *want) exact() string {
	if w.version != "" && !strings.ContainsAny(w.version, "*?[") {
		return w.version
	}
	return w.candidate
}
