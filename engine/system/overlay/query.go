package overlay

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Query asks the host if no prediction can have changed its answer.
func (o *Overlay) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	if c.Reads == nil && o.open.time > 0 {
		return system.Output{}, o.answer(unknown.Value{Why: o.open.why})
	}
	if c.Reads == nil && len(o.at) > 0 {
		return system.Output{}, o.answer(unknown.Value{Why: o.first()})
	}
	for _, r := range c.Reads {
		if err := o.steady(ctx, r); err != nil {
			return system.Output{}, o.answer(err)
		}
	}
	out, err := o.base.Query(ctx, c)
	if errors.Is(err, fs.ErrNotExist) && o.clock > 0 {
		// A package that an earlier task installs may bring the program.
		return out, o.answer(unknown.Value{Why: "program " + c.Argv[0]})
	}
	return out, err
}

// first names the earliest prediction.
func (o *Overlay) first() string {
	k := slices.MinFunc(slices.Collect(maps.Keys(o.at)), func(a, b system.Key) int { return o.at[a].time - o.at[b].time })
	return "change of " + k.String()
}

// steady is nil if what r names is as it is on the host.
func (o *Overlay) steady(ctx context.Context, r system.Key) error {
	changed := unknown.Value{Why: "change of " + r.String()}
	for k := range o.at {
		if k.Touches(r) {
			return changed
		}
		for _, p := range files(k.Kind) {
			if system.Path(p).Touches(r) {
				return changed
			}
		}
	}
	if t, _ := o.filed(r); t > 0 {
		return changed
	}
	if r.Kind == "unit" {
		if _, touched := o.fragment(r.Name); touched > 0 {
			return changed
		}
	}
	if o.open.time == 0 {
		return nil
	}
	return o.present(ctx, r)
}

// present is an unknown if r was absent when an opaque command ran.
func (o *Overlay) present(ctx context.Context, r system.Key) error {
	if r.Kind == "path" {
		_, err := o.find(o.resolve(r.Name, true))
		if u, ok := unknown.Of(err); ok {
			return u
		}
		return nil
	}
	_, err := o.base.Object(ctx, r)
	if errors.Is(err, fs.ErrNotExist) {
		return o.missing(r, entry{})
	}
	return nil
}
