package kernel

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// content is the file at name, nil if there is none.
func content(r system.Reader, name string) ([]byte, error) {
	text, err := system.ReadFile(r, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && text == nil:
		return []byte{}, nil
	}
	return text, err
}

// rewrite plans the file at name to hold what edit makes of it. One that is not
// there is made if there is anything to say.
func rewrite(p *module.Plan, r system.Reader, name string, edit func(old string) string) error {
	old, err := content(r, name)
	if err != nil {
		return err
	}
	return write(p, r, name, old, []byte(edit(string(old))))
}

// replace plans the file at name to hold text, whatever is there.
func replace(p *module.Plan, r system.Reader, name, text string) error {
	old, err := content(r, name)
	if err != nil && !system.Absent(err) {
		return err
	}
	return write(p, r, name, old, []byte(text))
}

func write(p *module.Plan, r system.Reader, name string, old, text []byte) error {
	if bytes.Equal(old, text) {
		return nil
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: name, After: (&change.Value{}).WithText(text, system.Sum(text))}
	attrs := system.Attrs{Mode: 0o644}
	if old != nil {
		c.Action, c.Before = change.Update, (&change.Value{}).WithText(old, system.Sum(old))
		attrs = system.Attrs{}
	} else if err := directory(p, r, path.Dir(name)); err != nil {
		return err
	}
	p.Add(c, func(_ context.Context, s system.System) error {
		return system.Rewrite(s, name, old, system.Data(text), attrs)
	})
	return nil
}

// directory plans the directory at name, and those that lead there.
func directory(p *module.Plan, r system.Reader, name string) error {
	_, err := r.Lstat(name)
	if err == nil || name == "/" {
		return nil
	}
	if !system.Absent(err) {
		return err
	}
	if err := directory(p, r, path.Dir(name)); err != nil {
		return err
	}
	p.Add(change.Change{Action: change.Create, Kind: "directory", Target: name, After: change.Attrs("mode", "0755")},
		func(_ context.Context, s system.System) error { return s.Mkdir(name, system.Attrs{Mode: 0o755}) })
	return nil
}

// remove plans that there is no file at name.
func remove(p *module.Plan, r system.Reader, name string) error {
	old, err := content(r, name)
	if err != nil || old == nil {
		return err
	}
	p.Add(change.Change{Action: change.Delete, Kind: "file", Target: name, Before: (&change.Value{}).WithText(old, system.Sum(old))},
		func(_ context.Context, s system.System) error { return s.Remove(name) })
	return nil
}
