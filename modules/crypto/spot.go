package crypto

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// spot is where something is to be written.
type spot struct {
	path  string
	attrs place.FileAttrs
	found place.Found
	want  system.Attrs // of the file when it is made
	vague bool         // its mode depends on what is there, and nobody knows that
}

// newSpot is the file at the end of the links at p. attrs without a mode mean mode.
func newSpot(ctx context.Context, r system.Reader, p string, attrs place.FileAttrs, mode module.Mode) (*spot, error) {
	p, err := place.AbsPath(r, p)
	if err == nil {
		err = owners(ctx, r, p, attrs)
	}
	if err == nil {
		p, err = place.Real(r, p)
	}
	if err != nil {
		return nil, err
	}
	if attrs.Mode == "" {
		attrs.Mode = mode
	}
	s := &spot{path: p, attrs: attrs}
	if s.found, err = place.Look(r, p); err != nil {
		return nil, err
	}
	if s.found.There && s.found.In.Type != 0 {
		return nil, fmt.Errorf("write %s: a %s is there", p, place.Kind(s.found.In.Type))
	}
	relative := false
	s.want, relative, err = attrs.For(r, s.found, false)
	s.vague = relative && s.found.Unsure
	return s, err
}

// owners is an error if it is certain that the host does not know whom p is to
// belong to.
func owners(ctx context.Context, r system.Reader, p string, a place.FileAttrs) error {
	if _, err := strconv.Atoi(a.Owner); err != nil && a.Owner != "" {
		if _, err := system.Get[system.User](ctx, r, a.Owner); errors.Is(err, fs.ErrNotExist) {
			return &system.NoOwnerError{Kind: "user", Name: a.Owner, Path: p}
		}
	}
	if _, err := strconv.Atoi(a.Group); err != nil && a.Group != "" {
		if _, err := system.Get[system.Group](ctx, r, a.Group); errors.Is(err, fs.ErrNotExist) {
			return &system.NoOwnerError{Kind: "group", Name: a.Group, Path: p}
		}
	}
	return nil
}

// will are the attributes of what is written; what is left alone is kept from what
// is there, or is that of the host's user.
func (s *spot) will(r system.Reader) system.Attrs {
	switch me := r.Facts().User; {
	case s.found.Unsure:
		return s.want
	case !s.found.There:
		return s.want.Over(system.Attrs{Owner: me.Name, Group: me.Group})
	}
	return s.want.Over(s.found.In.Attrs)
}

// kept plans the attributes alone, of what stays.
func (s *spot) kept(r system.Reader, p *module.Plan) error {
	return s.attrs.Plan(r, p, s.path, s.found)
}

// backup plans to keep what is there, and says so in p's output.
func (s *spot) backup(r system.Reader, p *module.Plan, wanted, secret bool) error {
	if !wanted {
		return nil
	}
	name, err := place.File{Path: s.path, Secret: secret, Safety: place.Safety{Backup: true}}.KeepOld(r, p, s.found)
	if name != "" {
		p.Output["backup_file"] = name
	}
	return err
}

// write plans to have the program, called with these words, write the file. had is
// what is there, for the diff; filled is called with what was written.
func (s *spot) write(r system.Reader, p *module.Plan, c change.Change, cmd system.Cmd, filled func(entry)) (*module.Step, error) {
	if !s.found.There && !s.found.Unsure {
		if err := place.Parent(r, s.path); err != nil {
			return nil, err
		}
	}
	attrs := s.will(r)
	cmd.Argv = append(cmd.Argv, "-o", s.path, "-mode", module.Octal(attrs.Mode))
	if attrs.Owner != "" {
		cmd.Argv = append(cmd.Argv, "-owner", attrs.Owner)
	}
	if attrs.Group != "" {
		cmd.Argv = append(cmd.Argv, "-group", attrs.Group)
	}
	c.Action, c.Target = change.Create, s.path
	if s.found.There {
		c.Action = change.Update
	}
	c.After.Attrs = append(place.Asked(s.want, s.vague).Attrs, c.After.Attrs...)
	e := system.Closed(system.Holds(s.path, system.Info{Attrs: attrs}))
	e.Shown = true
	step := p.Add(c, func(ctx context.Context, sys system.System) error {
		out, err := sys.Capture(ctx, cmd, e)
		if err == nil {
			err = out.Err(cmd)
		}
		if err != nil {
			return err
		}
		var got entry
		if err = decode(out, &got); err == nil {
			filled(got)
		}
		return err
	})
	step.Certain = !s.vague && !s.found.Unsure
	return step, nil
}
