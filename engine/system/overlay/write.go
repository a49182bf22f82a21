package overlay

import (
	"errors"
	"io/fs"
	"path"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// put predicts a path. A parent that is known to be missing is an error, as it
// will be on the host; one that may come to exist is taken to.
func (o *Overlay) put(op, p string, f *file, masks bool) error {
	f.Path = o.resolve(p, false)
	parent, err := o.find(path.Dir(f.Path))
	if _, unsure := unknown.Of(err); !unsure && (f.Path == "" || err != nil || parent.Type != fs.ModeDir) {
		return &fs.PathError{Op: op, Path: p, Err: fs.ErrNotExist}
	}
	o.set(system.Path(f.Path), entry{value: f, masks: masks})
	return nil
}

// vacant is fs.ErrExist if something is known to be at p.
func (o *Overlay) vacant(op, p string) error {
	if _, err := o.find(o.resolve(p, false)); err == nil {
		return &fs.PathError{Op: op, Path: p, Err: fs.ErrExist}
	}
	return nil
}

// made is a new file at p, which holds no links; what may have been there is
// unsure, if err says so.
func (o *Overlay) made(p string, a system.Attrs, usual fs.FileMode, err error) *file {
	f := &file{Info: system.Info{Attrs: a.Over(o.usual(p, usual))}}
	if u, unsure := unknown.Of(err); unsure && (a.Owner == "" || a.Group == "" || a.Mode == 0) {
		f.vague = u.Why
	}
	return f
}

// WriteFile predicts a whole file; what it leaves alone in a is kept if it is known.
func (o *Overlay) WriteFile(p string, c system.Content, a system.Attrs) error {
	a, err := o.owners(p, a)
	if err != nil {
		return err
	}
	at := o.resolve(p, false)
	old, err := o.find(at)
	if err == nil && old.Type == fs.ModeDir {
		return &fs.PathError{Op: "write", Path: p, Err: fs.ErrExist}
	}
	vague := ""
	if err == nil && old.Type == 0 {
		if a.Owner == "" || a.Group == "" || a.Mode == 0 {
			vague = old.vague
		}
		a = a.Over(old.Attrs)
	}
	f := o.made(at, a, 0o644, err)
	f.Size, f.content = c.Size, c
	if vague != "" {
		f.vague = vague
	}
	return o.put("write", p, f, false)
}

// Mkdir predicts a directory, empty if it is known that there was none.
func (o *Overlay) Mkdir(p string, a system.Attrs) error {
	if err := o.vacant("mkdir", p); err != nil {
		return err
	}
	a, err := o.owners(p, a)
	if err != nil {
		return err
	}
	at := o.resolve(p, false)
	_, err = o.find(at)
	f := o.made(at, a, 0o755, err)
	f.Type = fs.ModeDir
	return o.put("mkdir", p, f, errors.Is(err, fs.ErrNotExist))
}

// Symlink predicts a link; target need not exist.
func (o *Overlay) Symlink(target, p string) error {
	if err := o.vacant("symlink", p); err != nil {
		return err
	}
	at := o.resolve(p, false)
	_, err := o.find(at)
	f := o.made(at, system.Attrs{Mode: 0o777}, 0o777, err)
	f.Type, f.Target = fs.ModeSymlink, target
	return o.put("symlink", p, f, false)
}

// SetAttrs predicts owner and mode; of an unknown path it tells nothing new.
func (o *Overlay) SetAttrs(p string, a system.Attrs) error {
	at := o.resolve(p, false)
	old, err := o.find(at)
	if u, unsure := unknown.Of(err); unsure {
		o.set(system.Path(at), entry{value: system.Unknown{}, why: u.Why})
		return nil
	}
	if err != nil {
		return err
	}
	if a, err = o.owners(p, a); err != nil {
		return err
	}
	f := *old
	if f.Type == fs.ModeSymlink {
		a.Mode = f.Attrs.Mode
	}
	if a.Owner != "" && a.Group != "" && a.Mode != 0 {
		f.vague = ""
	}
	f.Attrs = a.Over(f.Attrs)
	o.keepContent(at, &f)
	return nil
}

// keepContent predicts attributes without saying anything new of the content.
func (o *Overlay) keepContent(at string, f *file) {
	if o.rewritten(at) > o.at[system.Path(at)].time {
		f.from = later
	}
	o.set(system.Path(at), entry{value: f})
}

// Remove predicts that nothing is at p or below it.
func (o *Overlay) Remove(p string) error {
	p = o.resolve(p, false)
	if p == "/" {
		return &fs.PathError{Op: "remove", Path: p, Err: fs.ErrInvalid}
	}
	if _, err := o.find(p); !errors.Is(err, fs.ErrNotExist) {
		o.set(system.Path(p), entry{masks: true})
	}
	return nil
}
