// Package overlay is check mode: a System that keeps every change to itself and
// shows later tasks the host as it would then be. It knows no modules.
//
// # How far an opaque command reaches
//
//  1. What it prints is unknown.
//  2. What it declares (Effects.Set) is so.
//  3. Unless its effects are closed, whatever is absent at that moment may exist
//     afterwards: asking for it is unknown. Listing a directory claims absences,
//     so that is unknown too. What a later task makes or removes is known again.
//  4. What is there, on the host or by prediction, stays as it is. This is the
//     one thing assumed, not known; a command that rewrites what exists declares
//     it with system.Unknown, for a key or for all below a path.
//  5. A Query that says what it reads is answered by the host if none of that
//     is predicted to change; one that does not, only while nothing at all is.
//
// # Decisions
//
// Some objects live in files, and some files hold objects. A predicted unit file
// is a predicted unit, also as an alias or a template; a predicted drop-in makes
// an active unit stale. A predicted write to an account file makes users and
// groups unknown, and a predicted account makes the content of those files
// unknown; the host name and its file are treated likewise.
//
// A file that was made where something unknown may have been keeps attributes
// nobody knows: Lstat answers with the usual ones and remembers the doubt.
//
// Predictions are shared by all users that tasks become (As), for they are one
// host's. What a user may not do is not predicted.
package overlay

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Overlay is one host in one check, as one user sees it. It serves one task at a
// time, and so do all that As made of it together.
type Overlay struct {
	base system.Reader
	*state
}

var _ system.System = (*Overlay)(nil)

// state is what all views of one host share.
type state struct {
	at       map[system.Key]entry
	clock    int
	open     entry  // the last open effect: its time, and why
	maybe    string // why the task may not run at all
	doubt    *unknown.Value
	reloaded int // when systemd was last made to read its units again
}

// entry is a prediction. Paths are keyed without links.
type entry struct {
	time  int
	value system.Object // *file for a path, nil if gone, system.Unknown
	why   string        // of an unknown
	masks bool          // nothing of the base shows below this path
	since int           // when that became so
	below string        // why what is below this path is unknown, "" if it is not
}

// New returns an Overlay that predicts nothing yet.
func New(base system.Reader) *Overlay {
	return &Overlay{base: base, state: &state{at: map[system.Key]entry{}}}
}

// As is the same host with the same predictions, as base's user sees it.
func (o *Overlay) As(base system.Reader) *Overlay { return &Overlay{base: base, state: o.state} }

// Task begins a task. If why is not empty the task may not run at all: what it
// changes becomes unknown instead of known.
func (o *Overlay) Task(why string) { o.maybe, o.doubt = why, nil }

// Doubt is the first unknown answer given since Task, nil if all were known.
func (o *Overlay) Doubt() *unknown.Value { return o.doubt }

// Taint makes keys unknown: the effect of a task that could not be planned. It
// is open unless nothing but keys can change.
func (o *Overlay) Taint(why string, closed bool, keys ...system.Key) {
	e := system.Effects{Closed: closed}
	for _, k := range keys {
		e.Set = append(e.Set, o.around(k)...)
		e.Set = append(e.Set, system.Vague(k))
	}
	o.effects(why, e)
}

// around is what a task whose target is k may change with it: what a link at a path
// leads to, the directories that lead there and are not there yet, and all below
// what is a directory or may become one.
func (o *Overlay) around(k system.Key) (out []system.Effect) {
	if k.Kind != "path" {
		return nil
	}
	real := o.resolve(k.Name, true)
	if real == "" {
		return nil
	}
	if real != path.Clean(k.Name) {
		out = append(out, system.Vague(system.Path(real)))
	}
	if f, err := o.find(real); err != nil || f.Type == fs.ModeDir {
		out = append(out, system.Vague(system.Path(strings.TrimSuffix(real, "/")+"/")))
	}
	for d := path.Dir(real); d != "/"; d = path.Dir(d) {
		if _, err := o.find(d); errors.Is(err, fs.ErrNotExist) {
			out = append(out, system.Vague(system.Path(d)))
		}
	}
	return out
}

// Facts are the base's: they are what no task changes.
func (o *Overlay) Facts() *system.Facts { return o.base.Facts() }

// set records a prediction for k and forgets those below it.
func (o *Overlay) set(k system.Key, e entry) {
	o.clock++
	e.time = o.clock
	if o.maybe != "" {
		e.value, e.why = system.Unknown{}, o.maybe
	}
	if k.Kind == "path" {
		k, e = o.cover(k, e)
	}
	o.at[k] = e
}

// cover settles what e hides: a path that ends in a slash, or is made or removed
// as a whole, hides all below it; one that was hidden stays so.
func (o *Overlay) cover(k system.Key, e entry) (system.Key, entry) {
	all := e.masks || strings.HasSuffix(k.Name, "/")
	k.Name = o.resolve(k.Name, false)
	hidden := o.hidden(k.Name)
	if all {
		e.masks, e.since = true, e.time
		maps.DeleteFunc(o.at, func(other system.Key, _ entry) bool { return other != k && k.Touches(other) })
	} else if hidden.masks {
		e.masks, e.since, e.below = true, hidden.since, hidden.beneath()
	}
	return k, e
}

// beneath is why what e hides is unknown, "" if there is nothing.
func (e entry) beneath() string {
	if _, vague := e.value.(system.Unknown); vague {
		return e.why
	}
	return e.below
}

func (o *Overlay) effects(why string, e system.Effects) {
	for _, x := range e.Set {
		pred := entry{value: x.Value, why: why, masks: x.Kind == "path" && x.Value == nil}
		switch v := x.Value.(type) {
		case system.Info:
			v.Path = x.Name
			pred.value = o.declared(v)
		case system.Unit:
			o.reads(x.Key, v)
		case system.Unknown:
			if x.Key == system.AllUnits() {
				o.rereadAll()
				continue
			}
		}
		o.set(x.Key, pred)
	}
	if !e.Closed {
		o.clock++
		o.open = entry{time: o.clock, why: why}
	}
}

// Run believes e and runs nothing.
func (o *Overlay) Run(_ context.Context, c system.Cmd, e system.Effects) error {
	o.effects(cmp.Or(e.Why, c.String()), e)
	return nil
}

// Capture believes e, as open unless the output is only shown, and ends the step:
// there is no output to go on with.
func (o *Overlay) Capture(_ context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	e.Closed = e.Closed && e.Shown
	o.effects(cmp.Or(e.Why, c.String()), e)
	return system.Output{}, unknown.Value{Why: `output of "` + c.String() + `"`}
}

// answer remembers that a module was given an unknown.
func (o *Overlay) answer(err error) error {
	if u, ok := unknown.Of(err); ok {
		o.doubts(u)
	}
	return err
}

func (o *Overlay) doubts(u unknown.Value) {
	if o.doubt == nil {
		o.doubt = &u
	}
}
