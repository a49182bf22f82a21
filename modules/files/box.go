package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/archive"
	"github.com/gokube/gokube/modules/files/place"
)

// box is an archive to be unpacked. Its steps, taken in order, read it once.
type box struct {
	content system.Content
	opts    archive.Options
	attrs   place.FileAttrs

	open io.Closer // the archive, as far as it was read
	at   *archive.Reader
}

// plan adds a step for every entry that differs from what is at dest.
func (b *box) plan(ctx context.Context, r system.Reader, p *module.Plan, dest string) error {
	entries, err := b.list(ctx)
	if err != nil {
		return err
	}
	made := map[string]bool{}
	for _, e := range entries {
		at := path.Join(dest, e.Name)
		if err := b.parents(r, p, dest, path.Dir(at), made); err != nil {
			return err
		}
		if err := b.entry(ctx, r, p, dest, at, e, made); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) list(ctx context.Context) ([]archive.Listed, error) {
	if err := b.rewind(ctx); err != nil {
		return nil, err
	}
	defer b.close()
	return archive.List(b.at)
}

// parents plans the directories between dest and dir that no entry named.
func (b *box) parents(r system.Reader, p *module.Plan, dest, dir string, made map[string]bool) error {
	if dir == dest || made[dir] || !strings.HasPrefix(dir, strings.TrimSuffix(dest, "/")+"/") {
		return nil
	}
	if err := b.parents(r, p, dest, path.Dir(dir), made); err != nil {
		return err
	}
	return b.directory(r, p, dir, 0, made)
}

// directory plans one directory; the mode of one that is there stays.
func (b *box) directory(r system.Reader, p *module.Plan, at string, mode fs.FileMode, made map[string]bool) error {
	if made[at] {
		return nil
	}
	f, err := place.Look(r, at)
	if f.There && f.In.Type == fs.ModeSymlink {
		real, rerr := place.Real(r, at)
		if rerr != nil {
			return rerr
		}
		f, err = place.Look(r, real)
	}
	switch {
	case err != nil || f.There && f.In.Type == fs.ModeDir:
		return err
	case f.There:
		return fmt.Errorf("unpack directory %s: a %s is there", at, place.Kind(f.In.Type))
	}
	made[at] = true
	attrs := place.FileAttrs{Owner: b.attrs.Owner, Group: b.attrs.Group}
	if mode != 0 {
		attrs.Mode = module.Mode(module.Octal(mode))
	}
	return attrs.Make(r, p, at, f)
}

func (b *box) entry(ctx context.Context, r system.Reader, p *module.Plan, dest, at string, e archive.Listed, made map[string]bool) error {
	switch e.Type {
	case fs.ModeDir:
		return b.directory(r, p, at, e.Mode, made)
	case fs.ModeSymlink:
		return copyLink(r, p, at, e.Link)
	}
	if e.SHA256 == "" {
		return fmt.Errorf("unpack %s: it is a hard link to %q, which is not unpacked", e.Name, e.Hard)
	}
	f := place.File{Path: at, Attrs: b.attrs, InNew: made[path.Dir(at)], Brief: true}
	if f.Attrs.Mode == "" {
		f.Attrs.Mode = module.Mode(module.Octal(e.Mode))
	}
	f.Content = system.Content{SHA256: e.SHA256, Size: e.Size, Open: func(ctx context.Context) (io.ReadCloser, error) { return b.find(ctx, e) }}
	_, err := f.Plan(ctx, r, p)
	return err
}

// find opens the content of an entry: it reads on from where it is, or from the
// start if the entry is not there. A hard link has the content of what it links.
func (b *box) find(ctx context.Context, e archive.Listed) (io.ReadCloser, error) {
	name := e.Name
	if e.Hard != "" {
		name = e.Hard
	}
	for try := 0; try < 2; try++ {
		if b.at == nil || try > 0 {
			if err := b.rewind(ctx); err != nil {
				return nil, err
			}
		}
		for {
			got, data, err := b.at.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.close()
				return nil, err
			}
			if got.Name == name && got.Type == 0 && got.Hard == "" {
				return io.NopCloser(data), nil
			}
		}
	}
	b.close()
	return nil, fmt.Errorf("read archive: entry %q is no longer in it", e.Name)
}

// rewind begins to read the archive from its start.
func (b *box) rewind(ctx context.Context) error {
	b.close()
	f, err := b.content.Open(ctx)
	if err != nil {
		return err
	}
	if b.at, err = archive.Open(f, system.MaxRead, b.opts); err != nil {
		_ = f.Close() // the error that matters is err
		return err
	}
	b.open = f
	return nil
}

func (b *box) close() {
	if b.open != nil {
		_ = b.open.Close() // it was only read
	}
	b.open, b.at = nil, nil
}
