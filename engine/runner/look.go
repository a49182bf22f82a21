package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// look tells what is at a path, for another host that is to have it; in a check as
// it would be then.
func (t *task) look(ctx context.Context) error {
	l := &looker{ctx: ctx, r: t.real, real: t.real, over: t.over}
	if t.over != nil {
		t.over.Task("")
		l.r = t.over
	}
	root, _ := t.Args["path"].(string)
	if strings.HasPrefix(root, "~/") {
		root = path.Join(l.r.Facts().User.Home, root[2:])
	}
	if !path.IsAbs(root) {
		return fmt.Errorf("look at %s: the path is not absolute", root)
	}
	err := l.all(path.Clean(root), t.Args["only"])
	if u, ok := unknown.Of(err); ok {
		t.result.Unknown = &u
		return nil
	}
	t.result.Output = wire.FoundOutput(l.found)
	return err
}

// looker finds paths.
type looker struct {
	ctx   context.Context
	r     system.Reader
	real  system.Reader
	over  *overlay.Overlay // nil but in a check
	found []wire.Found
}

// all looks at root: at the paths only below it, or if there are none at all of them.
func (l *looker) all(root string, only any) error {
	names, some := only.([]any)
	if !some {
		return l.tree(root, ".", true)
	}
	for _, n := range names {
		name, _ := n.(string)
		err := l.tree(path.Join(root, name), name, true)
		if u, ok := unknown.Of(err); ok {
			l.found = append(l.found, wire.Found{Path: name, Unknown: u.Why, Doubt: u.Why})
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tree finds p and what is below it, to be called rel; nothing if it is not there.
// follow says that p may be a link to what is meant.
func (l *looker) tree(p, rel string, follow bool) error {
	if follow {
		p = system.Resolve(l.stat, p, true)
	}
	in, err := l.stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f := wire.Found{Path: rel, Type: in.Type, Mode: in.Attrs.Mode, Target: in.Target, Size: in.Size}
	switch in.Type {
	case 0:
		err = l.content(p, &f)
	case fs.ModeDir, fs.ModeSymlink:
	default:
		err = fmt.Errorf("copy %s: it is neither a file nor a directory nor a link", p)
	}
	if err != nil {
		return err
	}
	l.found = append(l.found, f)
	if in.Type != fs.ModeDir {
		return nil
	}
	ins, err := l.r.ReadDir(p)
	if err != nil {
		return err
	}
	for _, in := range ins {
		name := path.Base(in.Path)
		if err := l.tree(path.Join(p, name), path.Join(rel, name), false); err != nil {
			return err
		}
	}
	return nil
}

// stat is Lstat that does not mind attributes nobody knows.
func (l *looker) stat(p string) (system.Info, error) {
	o, err := l.r.Object(l.ctx, system.Path(p))
	in, _ := o.(system.Info)
	return in, err
}

// content fills in what f holds. It can be read if that is what the host has now.
func (l *looker) content(p string, f *wire.Found) error {
	sum, err := l.r.Digest(p)
	if u, ok := unknown.Of(err); ok {
		f.Unknown = u.Why
		return nil
	}
	if err != nil {
		return err
	}
	f.SHA256, f.File = sum, p
	if l.over == nil {
		return nil
	}
	if now, err := l.real.Digest(p); err != nil || now != sum {
		f.Unknown, f.File = "content of "+p, ""
	}
	return nil
}

// read answers with some bytes of a file of the host, also in a check: a look has
// said that they are what would be there.
func (t *task) read(context.Context) error {
	file, _ := t.Args["file"].(string)
	offset, _ := t.Args["offset"].(int)
	size, _ := t.Args["size"].(int)
	f, err := t.real.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if s, ok := f.(io.Seeker); ok {
		_, err = s.Seek(int64(offset), io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, f, int64(offset))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(size)))
	t.result.Output = map[string]any{"data": data}
	return err
}
