package overlay

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// file is a predicted path.
type file struct {
	system.Info
	from    origin
	content system.Content // if it was written
	vague   string         // why its attributes are a guess, "" if they are not
}

// origin is where a predicted file's content comes from.
type origin int

const (
	written origin = iota
	untouched
	later
)

// hidden is the nearest entry at or above p that masks the base, if any.
func (o *Overlay) hidden(p string) entry {
	for {
		if e := o.at[system.Path(p)]; e.masks || p == "/" || p == "" {
			return e
		}
		p = path.Dir(p)
	}
}

// find looks up one path whose directories hold no links.
func (o *Overlay) find(p string) (*file, error) {
	k := system.Path(p)
	if p == "" || p == "." {
		return nil, system.NotExist(k)
	}
	if e, ok := o.at[k]; ok {
		if f, ok := e.value.(*file); ok {
			return f, nil
		}
		return nil, o.missing(k, e)
	}
	for d := p; d != "/"; {
		d = path.Dir(d)
		e := o.at[system.Path(d)]
		if f, ok := e.value.(*file); ok && f.Type != fs.ModeDir {
			return nil, o.missing(k, entry{time: e.time})
		}
		if e.masks {
			e.time = e.since
			if e.below != "" {
				e = entry{value: system.Unknown{}, why: e.below}
			}
			return nil, o.missing(k, e)
		}
	}
	in, err := o.base.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, o.missing(k, entry{})
	}
	return &file{Info: in, from: untouched}, err
}

// missing is the answer for k where e, or the base at time 0, has nothing.
func (o *Overlay) missing(k system.Key, e entry) error {
	if _, ok := e.value.(system.Unknown); ok {
		return unknown.Value{Why: e.why}
	}
	if e.time < o.open.time {
		return unknown.Value{Why: o.open.why}
	}
	return system.NotExist(k)
}

// resolve follows links; where it is unknown whether there is one, there is none.
func (o *Overlay) resolve(p string, last bool) string {
	return system.Resolve(func(p string) (system.Info, error) {
		f, err := o.find(p)
		if err != nil {
			return system.Info{}, err
		}
		return f.Info, nil
	}, p, last)
}

// usual are the attributes of what this user makes at p, which holds no links.
func (o *Overlay) usual(p string, mode fs.FileMode) system.Attrs {
	u := o.Facts().User
	a := system.Attrs{Owner: u.Name, Group: u.Group, Mode: mode}
	if parent, err := o.find(path.Dir(p)); err == nil && parent.Attrs.Mode&fs.ModeSetgid != 0 {
		a.Group = parent.Attrs.Group
	}
	return a
}

// declared is the file of a declared effect: its content is not known, nor are
// the attributes that the declaration leaves out.
func (o *Overlay) declared(in system.Info) *file {
	f := &file{Info: in, from: later}
	mode := fs.FileMode(0o644)
	if in.Type == fs.ModeDir {
		mode = 0o755
	}
	if in.Type == fs.ModeSymlink {
		mode, f.Attrs.Mode = 0o777, 0o777
	}
	if f.Attrs.Owner == "" || f.Attrs.Group == "" || f.Attrs.Mode == 0 {
		f.vague = "attributes of " + in.Path
	}
	if f.Attrs = f.Attrs.Over(o.usual(o.resolve(in.Path, false), mode)); in.Type == 0 {
		f.Size = -1
	}
	return f
}

// owners is a by name; it is an error if the host will not know a name in a.
func (o *Overlay) owners(p string, a system.Attrs) (system.Attrs, error) {
	a = a.Named(quiet{o})
	for _, k := range []system.Key{{Kind: "user", Name: a.Owner}, {Kind: "group", Name: a.Group}} {
		u := o.Facts().User
		if k.Name == "" || k.Name == "root" || k.Name == u.Name || k.Name == u.Group || k.Name[0] <= '9' {
			continue
		}
		if _, err := o.object(context.Background(), k); errors.Is(err, fs.ErrNotExist) {
			return a, &system.NoOwnerError{Kind: k.Kind, Name: k.Name, Path: p}
		}
	}
	return a, nil
}
