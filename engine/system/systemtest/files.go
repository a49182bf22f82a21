package systemtest

import (
	"context"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// File is a path on a Fake; a directory or link if Type says so. Attrs left at
// zero are those of the host's user, with the usual mode.
type File struct {
	Text   string
	Attrs  system.Attrs
	Type   fs.FileMode
	Target string
}

// Dir is a directory with the usual attributes.
func Dir() File { return File{Type: fs.ModeDir} }

// Link is a symlink to target.
func Link(target string) File { return File{Type: fs.ModeSymlink, Target: target} }

func (f *Fake) at(p string) (system.Info, error) {
	x, ok := f.Files[p]
	if !ok {
		if !f.implicit(p) {
			return system.Info{}, system.NotExist(system.Path(p))
		}
		x = Dir()
	}
	return system.Info{Path: p, Attrs: f.attrs(x), Type: x.Type, Size: int64(len(x.Text)), Target: x.Target}, nil
}

// implicit reports whether p is a directory because something is below it.
func (f *Fake) implicit(p string) bool {
	if p == "/" {
		return true
	}
	for k := range f.Files {
		if p != "" && strings.HasPrefix(k, p) && len(k) > len(p) && k[len(p)] == '/' {
			return true
		}
	}
	return false
}

func (f *Fake) attrs(x File) system.Attrs {
	usual := system.Attrs{Owner: f.Host.User.Name, Group: f.Host.User.Group, Mode: 0o644}
	if x.Type == fs.ModeDir {
		usual.Mode = 0o755
	}
	a := x.Attrs.Over(usual.Over(system.Attrs{Owner: "root", Group: "root"}))
	if x.Type == fs.ModeSymlink {
		a.Mode = 0o777
	}
	return a
}

func (f *Fake) resolve(p string, last bool) string { return system.Resolve(f.at, p, last) }

// Lstat describes p.
func (f *Fake) Lstat(p string) (system.Info, error) {
	in, err := f.at(f.resolve(p, false))
	if err != nil {
		return system.Info{}, err
	}
	in.Path = p
	return in, nil
}

// Open reads the file p leads to.
func (f *Fake) Open(p string) (io.ReadCloser, error) {
	in, err := f.at(f.resolve(p, true))
	if err == nil && in.Type != 0 {
		err = &fs.PathError{Op: "open", Path: p, Err: fs.ErrInvalid}
	}
	if err != nil {
		return nil, err
	}
	return io.NopCloser(strings.NewReader(f.Files[in.Path].Text)), nil
}

// Digest is the digest of the file p leads to.
func (f *Fake) Digest(p string) (string, error) {
	data, err := system.ReadFile(f, p)
	if err != nil {
		return "", err
	}
	return system.Sum(data), nil
}

// ReadDir lists p by name.
func (f *Fake) ReadDir(p string) (out []system.Info, err error) {
	dir := f.resolve(p, true)
	if in, err := f.at(dir); err != nil || in.Type != fs.ModeDir {
		return nil, &fs.PathError{Op: "read directory", Path: p, Err: fs.ErrNotExist}
	}
	names := map[string]bool{}
	for k := range f.Files {
		if rest, ok := strings.CutPrefix(k, strings.TrimSuffix(dir, "/")+"/"); ok && rest != "" {
			name, _, _ := strings.Cut(rest, "/")
			names[name] = true
		}
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		in, _ := f.at(path.Join(dir, n))
		in.Path = path.Join(p, n)
		out = append(out, in)
	}
	return out, nil
}

// WriteFile replaces p, a link too.
func (f *Fake) WriteFile(p string, c system.Content, a system.Attrs) error {
	in, err := f.Lstat(p)
	if err == nil && in.Type == fs.ModeDir {
		return &fs.PathError{Op: "write", Path: p, Err: fs.ErrExist}
	}
	if err == nil && in.Type == 0 {
		a = a.Over(in.Attrs)
	}
	data, err := c.Bytes(context.Background())
	if err != nil {
		return err
	}
	return f.put("write", p, File{Text: string(data), Attrs: a})
}

// Mkdir makes p if nothing is there.
func (f *Fake) Mkdir(p string, a system.Attrs) error {
	if _, err := f.Lstat(p); err == nil {
		return &fs.PathError{Op: "mkdir", Path: p, Err: fs.ErrExist}
	}
	return f.put("mkdir", p, File{Attrs: a, Type: fs.ModeDir})
}

// Symlink makes a link if nothing is there.
func (f *Fake) Symlink(target, p string) error {
	if _, err := f.Lstat(p); err == nil {
		return &fs.PathError{Op: "symlink", Path: p, Err: fs.ErrExist}
	}
	return f.put("symlink", p, Link(target))
}

// SetAttrs changes what is not zero in a.
func (f *Fake) SetAttrs(p string, a system.Attrs) error {
	in, err := f.Lstat(p)
	if err != nil {
		return err
	}
	file := f.Files[f.resolve(p, false)]
	file.Attrs, file.Type = a.Over(in.Attrs), in.Type
	return f.put("attrs", p, file)
}

func (f *Fake) put(op, p string, x File) error {
	p = f.resolve(p, false)
	dir := path.Dir(p)
	parent, err := f.at(dir)
	if p == "" || err != nil || parent.Type != fs.ModeDir {
		return &fs.PathError{Op: op, Path: p, Err: fs.ErrNotExist}
	}
	if x.Attrs, err = f.owned(p, x.Attrs); err != nil {
		return err
	}
	if _, there := f.Files[p]; !there && x.Attrs.Group == "" && parent.Attrs.Mode&fs.ModeSetgid != 0 {
		x.Attrs.Group = parent.Attrs.Group
	}
	f.keep(dir)
	f.Log = append(f.Log, op+" "+p)
	f.Files[p] = x
	return nil
}

// owned is a by name, an error if a names someone the host does not know.
func (f *Fake) owned(p string, a system.Attrs) (system.Attrs, error) {
	a = a.Named(f)
	for kind, name := range map[string]string{"user": a.Owner, "group": a.Group} {
		_, number := strconv.Atoi(name)
		_, known := f.Objects[system.Key{Kind: kind, Name: name}]
		mine := name == f.Host.User.Name || name == f.Host.User.Group || name == "root"
		if name != "" && number != nil && !known && !mine {
			return a, &system.NoOwnerError{Kind: kind, Name: name, Path: p}
		}
	}
	return a, nil
}

// keep makes a directory that is implicit outlast what is in it.
func (f *Fake) keep(dir string) {
	if _, ok := f.Files[dir]; !ok && dir != "/" {
		f.Files[dir] = Dir()
	}
}

// Remove removes p and all below it.
func (f *Fake) Remove(p string) error {
	p = f.resolve(p, false)
	if _, missing := f.at(p); missing != nil {
		return nil //nolint:nilerr // what is not there need not be removed
	}
	if p == "/" {
		return &fs.PathError{Op: "remove", Path: p, Err: fs.ErrInvalid}
	}
	f.keep(path.Dir(p))
	f.Log = append(f.Log, "remove "+p)
	maps.DeleteFunc(f.Files, func(k string, _ File) bool { return k == p || strings.HasPrefix(k, p+"/") })
	return nil
}
