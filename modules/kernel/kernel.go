// Package kernel holds the modules for what the kernel of a host is told:
// settings, modules, mounts, swap, its name, and to start again.
package kernel

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module {
	return []module.Module{Hostname, Modprobe, Mount, Reboot, Swap, Sysctl}
}

// content is the file at path, empty if there is none; certain is false if that
// is not known.
func content(r system.Reader, path string) (text []byte, there, certain bool, err error) {
	text, err = system.ReadFile(r, path)
	switch {
	case err == nil:
		return text, true, true, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, true, nil
	}
	return nil, false, false, err
}

// rewrite plans path to hold after; an empty after removes a file of our own.
func rewrite(p *module.Plan, r system.Reader, path string, edit func(old string) string) error {
	old, there, _, err := content(r, path)
	if err != nil {
		return err
	}
	text := edit(string(old))
	after := []byte(text)
	if there && bytes.Equal(old, after) || !there && text == "" {
		return nil
	}
	c := change.Change{Action: change.Create, Kind: "file", Target: path, After: (&change.Value{}).WithText(after, system.Sum(after))}
	attrs := system.Attrs{Mode: 0o644}
	if there {
		c.Action, c.Before = change.Update, (&change.Value{}).WithText(old, system.Sum(old))
		attrs = system.Attrs{}
	}
	p.Add(c, func(_ context.Context, s system.System) error { return s.WriteFile(path, system.Data(after), attrs) })
	return nil
}

// remove plans path not to be there.
func remove(p *module.Plan, r system.Reader, path string) error {
	old, there, _, err := content(r, path)
	if err != nil || !there {
		return err
	}
	p.Add(change.Change{Action: change.Delete, Kind: "file", Target: path, Before: (&change.Value{}).WithText(old, system.Sum(old))},
		func(_ context.Context, s system.System) error { return s.Remove(path) })
	return nil
}
