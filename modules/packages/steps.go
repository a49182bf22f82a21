package packages

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

func waitFor(tool string) change.Change {
	return change.Change{Action: change.Wait, Kind: "package lists", Target: tool}
}

// installAll plans the pending packages: what is new by one command, and what is
// to become newer by one, the same if the package manager does both with one.
func (q *request) installAll(p *module.Plan, pending []*want) {
	var fresh, newer []*want
	for _, w := range pending {
		if w.there && len(q.tool.upgrade) > 0 && w.version == "" {
			newer = append(newer, w)
		} else {
			fresh = append(fresh, w)
		}
	}
	q.together(p, q.tool.install, fresh, q.installed(fresh))
	q.together(p, q.tool.upgrade, newer, q.installed(newer))
}

// removeAll plans the packages that are there to go, by one command.
func (q *request) removeAll(p *module.Plan) {
	var there []*want
	e := system.Effects{Closed: q.Brings != nil}
	for _, w := range q.wants {
		if w.there && w.fits(w.installed) || w.unsure {
			there = append(there, w)
			e.Set = append(e.Set, system.Gone(system.Key{Kind: "package", Name: w.name}))
		}
	}
	for _, b := range q.Brings {
		e.Set = append(e.Set, system.Vague(thing(b)))
	}
	q.together(p, q.tool.remove, there, e)
}

// together adds a step for each of wants; the first runs argv for all of them.
func (q *request) together(p *module.Plan, argv []string, wants []*want, e system.Effects) {
	var words []string
	for _, w := range wants {
		words = append(words, q.word(w))
	}
	e.Why = "installing or removing " + strings.Join(words, ", ")
	for i, w := range wants {
		do := func(context.Context, system.System) error { return nil }
		if i == 0 {
			c := q.tool.cmd(argv, words...)
			do = func(ctx context.Context, s system.System) error { return q.run(ctx, s, c, e) }
		}
		p.Add(q.change(w), do).Certain = !w.unsure && (!w.there || w.candidate != "" || w.version != "")
	}
}

// word is how w is named to the package manager.
func (q *request) word(w *want) string {
	if w.version == "" || q.state == "absent" {
		return w.name
	}
	return w.name + q.tool.pin + cmp.Or(w.exact(), w.version)
}

func (q *request) change(w *want) change.Change {
	c := change.Change{Action: change.Create, Kind: "package", Target: w.name}
	if w.there {
		c.Action, c.Before = change.Update, change.Attrs("version", w.installed)
	}
	if q.state == "absent" {
		c.Action = change.Delete
		return c
	}
	c.After = change.Attrs("version", cmp.Or(w.exact(), change.Later))
	return c
}

// installed are the effects of installing wants, closed if the task says what the
// packages bring. A unit may be started by its package or not, and a directory
// may hold anything.
func (q *request) installed(wants []*want) system.Effects {
	e := system.Effects{Closed: q.Brings != nil}
	for _, w := range wants {
		version := w.exact()
		if w.unsure {
			version = ""
		}
		e.Set = append(e.Set, system.Holds(w.name, system.Package{Version: version}))
	}
	for _, b := range q.Brings {
		switch {
		case strings.HasSuffix(b, "/"):
			e.Set = append(e.Set, system.Vague(system.Path(b)), system.Holds(path.Clean(b), system.Info{Type: fs.ModeDir}))
		case strings.HasPrefix(b, "/"):
			e.Set = append(e.Set, system.Holds(b, system.Info{}))
		default:
			e.Set = append(e.Set, system.Vague(thing(b)))
		}
	}
	return e
}

// thing is the key of a path, or else of a unit.
func thing(name string) system.Key {
	if strings.HasPrefix(name, "/") {
		return system.Path(name)
	}
	if !strings.Contains(name, ".") {
		name += ".service"
	}
	return system.Key{Kind: "unit", Name: name}
}
