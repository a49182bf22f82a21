// Package archive reads tar and zip files, packed or not, entry by entry, and
// refuses what would lead out of the directory they are unpacked into. It writes
// nothing and knows no host.
package archive

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Entry is one path of an archive.
type Entry struct {
	Name string      // relative and clean, after stripping; never "." or above
	Type fs.FileMode // fs.ModeDir, fs.ModeSymlink, or 0 for a file
	Mode fs.FileMode // permission bits with setuid, setgid and sticky; never 0
	Size int64
	Link string // target of a symlink as it stands there
	Hard string // for a hard link: the Name of the entry it is another name of
}

// Options say which entries are wanted, and as what.
type Options struct {
	Strip            int      // leading elements of each name that are left out
	Include, Exclude []string // names or patterns as of path.Match, before stripping; no Include is all
}

// limit is the most entries that an archive may have.
const limit = 200_000

// guard holds what is known of the entries so far.
type guard struct {
	opts  Options
	links map[string]bool
	count int
}

// admit gives e its final name. ok is false if it is not wanted; err says why it
// must not be unpacked.
func (g *guard) admit(e *Entry) (ok bool, err error) {
	if g.count++; g.count > limit {
		return false, fmt.Errorf("read archive: it has more than %d entries", limit)
	}
	raw := path.Clean(e.Name)
	if path.IsAbs(e.Name) || raw == ".." || strings.HasPrefix(raw, "../") || strings.ContainsRune(e.Name, 0) {
		return false, fmt.Errorf("read archive: entry %q leads out of the directory it is unpacked into", e.Name)
	}
	if !g.opts.wants(raw) {
		return false, nil
	}
	if e.Name, ok = strip(raw, g.opts.Strip); !ok {
		return false, nil
	}
	for dir := path.Dir(e.Name); dir != "."; dir = path.Dir(dir) {
		if g.links[dir] {
			return false, fmt.Errorf("read archive: entry %q lies below the link %q", e.Name, dir)
		}
	}
	return g.link(e)
}

// link looks at where a link leads.
func (g *guard) link(e *Entry) (ok bool, err error) {
	delete(g.links, e.Name)
	if e.Hard != "" {
		to := path.Clean(e.Hard)
		name, ok := strip(to, g.opts.Strip)
		if path.IsAbs(e.Hard) || to == ".." || strings.HasPrefix(to, "../") || !ok {
			return false, fmt.Errorf("read archive: hard link %q to %q leads out of the directory it is unpacked into", e.Name, e.Hard)
		}
		e.Hard = name
	}
	if e.Type != fs.ModeSymlink {
		return true, nil
	}
	to := path.Join(path.Dir(e.Name), e.Link)
	if path.IsAbs(e.Link) || to == ".." || strings.HasPrefix(to, "../") {
		return false, fmt.Errorf("read archive: link %q to %q leads out of the directory it is unpacked into", e.Name, e.Link)
	}
	g.links[e.Name] = true
	return true, nil
}

func (o Options) wants(name string) bool {
	matches := func(pattern string) bool { return match(path.Clean(pattern), name) }
	return !slices.ContainsFunc(o.Exclude, matches) && (len(o.Include) == 0 || slices.ContainsFunc(o.Include, matches))
}

// match reports whether pattern names name or a directory that it is in.
func match(pattern, name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if ok, err := path.Match(pattern, name); ok || err == nil && pattern == name {
			return true
		}
		if !strings.Contains(pattern, "/") {
			if ok, _ := path.Match(pattern, path.Base(name)); ok {
				return true
			}
		}
	}
	return false
}

// Strip is the entry called name without its n first folders; ok is false if
// nothing is left.
func Strip(name string, n int) (string, bool) { return strip(path.Clean(name), n) }

func strip(name string, n int) (string, bool) {
	parts := strings.Split(name, "/")
	if name == "." || len(parts) <= n {
		return "", false
	}
	return path.Join(parts[n:]...), true
}
