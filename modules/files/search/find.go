// Package search holds the module that finds files by their names. It knows no
// contents.
package search

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// FindArgs are the arguments of the find module.
type FindArgs struct {
	// Paths are the directories to look in.
	Paths []string `arg:"paths,required,alias=path,alias=name"`
	// Patterns are patterns of the names that are wanted, such as *.conf.
	Patterns []string `arg:"patterns,alias=pattern" default:"*"`
	// Excludes are patterns of names that are not wanted.
	Excludes []string `arg:"excludes,alias=exclude"`
	// FileType is the kind of thing that is wanted.
	FileType string `arg:"file_type" enum:"file|directory|link|any" default:"file"`
	// Recurse is whether directories below are looked in as well; links are not followed.
	Recurse bool `arg:"recurse"`
	// Depth is how deep, 1 being the directories themselves; 0 is no limit.
	Depth int `arg:"depth"`
	// Hidden is whether names that begin with a dot are taken as well.
	Hidden bool `arg:"hidden"`
	// Size is the least size of a file, or with a - before it the greatest: 512, 10k,
	// 1m, 2g.
	Size string `arg:"size"`
	// GetChecksum is whether files are read for their digests.
	GetChecksum bool `arg:"get_checksum"`
}

// Find finds files.
var Find = module.Define(module.Spec{
	Name: "find", Summary: "Find files and directories by their names", Contained: true,
	Example: `- find:
    paths: [/etc/cni/net.d]
    patterns: ["*.conf", "*.conflist"]
    excludes: ["10-*"]
  register: others
- file: {path: "{{ .item.path }}", state: absent}
  loop: "{{ .others.files }}"
`,
	Output: []module.Doc{{Name: "files", Text: "what was found: path, mode, size, isreg, isdir, islnk, pw_name, gr_name, of a link lnk_target, with get_checksum checksum"},
		{Name: "matched", Text: "how many"}, {Name: "examined", Text: "how many were looked at"}},
}, planFind)

func planFind(_ context.Context, r system.Reader, a *FindArgs) (*module.Plan, error) {
	l := &look{args: a, r: r, files: []any{}}
	if err := l.prepare(); err != nil {
		return nil, err
	}
	for _, p := range a.Paths {
		p, err := place.AbsPath(r, p)
		if err == nil {
			err = l.in(p, 1)
		}
		if err != nil {
			return nil, err
		}
	}
	return &module.Plan{Output: map[string]any{"files": l.files, "matched": len(l.files), "examined": l.examined}}, nil
}

// look is one search.
type look struct {
	args     *FindArgs
	r        system.Reader
	size     int64
	atMost   bool
	examined int
	files    []any
}

// prepare reads the arguments.
func (l *look) prepare() error {
	for _, p := range slices.Concat(l.args.Patterns, l.args.Excludes) {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	s := strings.ToLower(l.args.Size)
	if s == "" {
		return nil
	}
	s, l.atMost = strings.CutPrefix(s, "-")
	shift := max(0, 10*strings.IndexByte("bkmgt", lastByte(s)))
	n, err := strconv.ParseInt(strings.TrimRight(s, "bkmgt"), 10, 40)
	if err != nil || n < 0 || shift > 22 && n > 1<<20 {
		return fmt.Errorf("size %q is no size such as 10k", l.args.Size)
	}
	l.size = n << shift
	return nil
}

func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

// in looks in a directory. One that is not there holds nothing.
func (l *look) in(dir string, depth int) error {
	all, err := l.r.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, in := range all {
		in.Path = path.Join(dir, path.Base(in.Path))
		l.examined++
		if err := l.at(in); err != nil {
			return err
		}
		hidden := strings.HasPrefix(path.Base(in.Path), ".")
		if !l.args.Recurse || in.Type != fs.ModeDir || hidden && !l.args.Hidden || l.args.Depth > 0 && depth >= l.args.Depth {
			continue
		}
		if err := l.in(in.Path, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// at takes in, if it is wanted.
func (l *look) at(in system.Info) error {
	if !l.wanted(in) {
		return nil
	}
	f := map[string]any{
		"path": in.Path, "mode": module.Octal(in.Attrs.Mode), "size": int(max(in.Size, 0)), "pw_name": in.Attrs.Owner, "gr_name": in.Attrs.Group,
		"isreg": in.Type == 0, "isdir": in.Type == fs.ModeDir, "islnk": in.Type == fs.ModeSymlink,
	}
	if in.Type == fs.ModeSymlink {
		f["lnk_target"] = in.Target
	}
	if l.args.GetChecksum && in.Type == 0 {
		sum, err := l.r.Digest(in.Path)
		if err != nil {
			return err
		}
		f["checksum"] = sum
	}
	l.files = append(l.files, f)
	return nil
}

func (l *look) wanted(in system.Info) bool {
	name := path.Base(in.Path)
	matches := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, name); return ok })
	}
	types := map[string]fs.FileMode{"file": 0, "directory": fs.ModeDir, "link": fs.ModeSymlink}
	switch {
	case l.args.FileType != "any" && in.Type != types[l.args.FileType]:
	case !l.args.Hidden && strings.HasPrefix(name, "."):
	case !matches(l.args.Patterns) || matches(l.args.Excludes):
	case l.args.Size != "" && in.Type == 0 && l.atMost != (in.Size <= l.size) && in.Size != l.size:
	default:
		return true
	}
	return false
}
