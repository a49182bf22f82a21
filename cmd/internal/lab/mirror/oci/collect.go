package oci

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links may lead from one path to its file.
const maxLinks = 40

// Collection is a set of files of a root file system, with all that they take to
// run: symbolic links on the way to them, libraries and the loader. It may be used
// by one at a time.
type Collection struct {
	root    string
	entries map[string]Entry
}

// NewCollection is an empty collection of files below root.
func NewCollection(root string) *Collection {
	return &Collection{root, map[string]Entry{}}
}

// Entries lists the collection.
func (c *Collection) Entries() []Entry {
	return slices.SortedFunc(maps.Values(c.entries), func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
}

// Add adds what a pattern of absolute paths matches; at least one file does.
func (c *Collection) Add(pattern string) error {
	found, err := filepath.Glob(c.root + pattern)
	if err != nil {
		return err
	}
	// A link that is absolute leads elsewhere as seen from outside, so a plain
	// path need not be found that way.
	if len(found) == 0 && !strings.ContainsAny(pattern, "*?[") {
		found = []string{c.root + pattern}
	}
	if len(found) == 0 {
		return fmt.Errorf("find %s: the image has none", pattern)
	}
	for _, f := range found {
		if err := c.addFile(strings.TrimPrefix(f, c.root)); err != nil {
			return err
		}
	}
	return nil
}

// addFile adds one file; links on the way stay links.
func (c *Collection) addFile(p string) error {
	real, err := c.resolve(p)
	if err != nil {
		return fmt.Errorf("find %s in the image: %w", p, err)
	}
	if _, known := c.entries[real]; known {
		return nil
	}
	c.entries[real] = Entry{Path: real, From: c.root + real}
	return c.addNeeds(real)
}

// resolve follows the links of a path below the root and adds each.
func (c *Collection) resolve(p string) (string, error) {
	at, rest := "/", strings.Split(strings.Trim(path.Clean(p), "/"), "/")
	for links := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(c.root + next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errors.New("too many symbolic links")
		}
		to, err := os.Readlink(c.root + next)
		if err != nil {
			return "", err
		}
		c.entries[next] = Entry{Path: next, Link: to}
		if path.IsAbs(to) {
			at = "/"
		}
		rest = append(strings.Split(strings.Trim(path.Clean(to), "/"), "/"), rest...)
	}
	return at, nil
}

// addNeeds adds the loader and the libraries of a file that is a program or library.
func (c *Collection) addNeeds(p string) error {
	f, err := elf.Open(c.root + p)
	var format *elf.FormatError
	if errors.As(err, &format) || errors.Is(err, io.EOF) {
		return nil // some other file, or one too short
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for _, s := range f.Progs {
		if s.Type != elf.PT_INTERP {
			continue
		}
		loader := make([]byte, s.Filesz)
		if _, err := s.ReadAt(loader, 0); err != nil {
			return err
		}
		if err := c.addFile(strings.TrimRight(string(loader), "\x00")); err != nil {
			return err
		}
	}
	needed, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, lib := range needed {
		if err := c.addLibrary(lib); err != nil {
			return fmt.Errorf("find what %s loads: %w", p, err)
		}
	}
	return nil
}

// addLibrary adds a library from where the loader looks by itself.
func (c *Collection) addLibrary(name string) error {
	for _, pattern := range []string{"/lib/*-linux-gnu/", "/usr/lib/*-linux-gnu/", "/lib/", "/usr/lib/", "/lib64/"} {
		found, _ := filepath.Glob(c.root + pattern + name)
		if len(found) > 0 {
			return c.addFile(strings.TrimPrefix(found[0], c.root))
		}
	}
	return fmt.Errorf("find %s: the image has no such library", name)
}
