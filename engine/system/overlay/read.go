package overlay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// quiet reads o without anybody having been given an answer.
type quiet struct{ *Overlay }

// Open is what Overlay's says, unremembered, and the base's where that is unknown.
func (q quiet) Open(p string) (io.ReadCloser, error) {
	r, err := q.stream(q.resolve(p, true))
	if _, unsure := unknown.Of(err); unsure {
		return q.base.Open(p)
	}
	return r, err
}

// Lstat describes p as it would be.
func (o *Overlay) Lstat(p string) (system.Info, error) {
	f, err := o.find(o.resolve(p, false))
	if err != nil {
		return system.Info{}, o.answer(err)
	}
	if f.vague != "" {
		o.doubts(unknown.Value{Why: f.vague})
	}
	in := f.Info
	in.Path = p
	return in, nil
}

// Open is the content p would have.
func (o *Overlay) Open(p string) (io.ReadCloser, error) {
	r, err := o.stream(o.resolve(p, true))
	return r, o.answer(err)
}

func (o *Overlay) stream(p string) (io.ReadCloser, error) {
	f, err := o.content(p)
	switch {
	case err != nil:
		return nil, err
	case f.from == untouched:
		return o.base.Open(p)
	}
	return f.content.Open(context.Background())
}

// content is the regular file at p, which holds no links, if its content is known.
func (o *Overlay) content(p string) (*file, error) {
	f, err := o.find(p)
	switch {
	case err != nil:
		return nil, err
	case f.Type != 0:
		return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrInvalid}
	case f.from == later || o.rewritten(p) > o.at[system.Path(p)].time:
		return nil, unknown.Value{Why: "content of " + p}
	}
	return f, nil
}

// Digest is the digest of what Open reads.
func (o *Overlay) Digest(p string) (string, error) {
	p = o.resolve(p, true)
	f, err := o.content(p)
	if err != nil {
		return "", o.answer(err)
	}
	if f.from == untouched {
		return o.base.Digest(p)
	}
	if f.content.SHA256 == "" {
		err = f.hash()
	}
	return f.content.SHA256, o.answer(err)
}

// hash reads the content once to know its digest and size.
func (f *file) hash() error {
	r, err := f.content.Open(context.Background())
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err == nil {
		f.content.SHA256, f.Size = hex.EncodeToString(h.Sum(nil)), n
	}
	return err
}

// ReadDir lists p as it would be.
func (o *Overlay) ReadDir(asked string) (out []system.Info, err error) {
	p := o.resolve(asked, true)
	f, err := o.find(p)
	if err != nil {
		return nil, o.answer(err)
	}
	if f.Type != fs.ModeDir {
		return nil, &fs.PathError{Op: "read directory", Path: p, Err: fs.ErrNotExist}
	}
	e := o.at[system.Path(p)]
	if !e.masks {
		if h := o.hidden(p); h.masks {
			e.masks, e.since, e.below = true, h.since, h.beneath()
		}
	}
	if e.below != "" {
		return nil, o.answer(unknown.Value{Why: e.below})
	}
	if e.since < o.open.time {
		return nil, o.answer(unknown.Value{Why: o.open.why})
	}
	names, err := o.names(p, e.masks)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		switch _, err := o.find(path.Join(p, n)); {
		case err == nil:
			in, _ := o.Lstat(path.Join(p, n))
			in.Path = path.Join(asked, n)
			out = append(out, in)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, o.answer(err)
		}
	}
	return out, nil
}

// names are all that may be in directory p.
func (o *Overlay) names(p string, masked bool) (map[string]bool, error) {
	names := map[string]bool{}
	if !masked {
		ins, err := o.base.ReadDir(p)
		if err != nil {
			return nil, err
		}
		for _, in := range ins {
			names[path.Base(in.Path)] = true
		}
	}
	for k := range o.at {
		if k.Kind == "path" && k.Name != p && path.Dir(k.Name) == p {
			names[path.Base(k.Name)] = true
		}
	}
	return names, nil
}
