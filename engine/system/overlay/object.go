package overlay

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Object is what would be said of k: a prediction, what a predicted file makes of
// it, or the base.
func (o *Overlay) Object(ctx context.Context, k system.Key) (system.Object, error) {
	v, err := o.object(ctx, k)
	return v, o.answer(err)
}

func (o *Overlay) object(ctx context.Context, k system.Key) (system.Object, error) {
	switch k.Kind {
	case "path":
		f, err := o.find(o.resolve(k.Name, false))
		if err != nil {
			return nil, err
		}
		in := f.Info
		in.Path = k.Name
		return in, nil
	case "unit":
		return o.unit(ctx, k.Name, 0)
	case "hostname":
		return o.hostname(ctx, k)
	case "user", "group":
		if t, why := o.filed(k); t > o.at[k].time {
			return nil, unknown.Value{Why: why}
		}
	}
	v, err := o.plain(ctx, k)
	if g, ok := v.(system.Group); ok {
		return o.members(k, g), err
	}
	if u := o.moved(k, err == nil); u != nil {
		return nil, *u
	}
	return v, err
}

// moved says why a setting or kernel module is not known: one that was not there may
// come with a module that is predicted to be loaded, one that was may go with one
// that is predicted to be unloaded. Nil if it is known.
func (o *Overlay) moved(k system.Key, there bool) *unknown.Value {
	if k.Kind != "sysctl" && k.Kind != "kernel module" {
		return nil
	}
	last, why := o.at[k].time, ""
	for m, e := range o.at {
		_, vague := e.value.(system.Unknown)
		if m.Kind == "kernel module" && m != k && e.time > last && (vague || (e.value == nil) == there) {
			last, why = e.time, "change of "+m.String()
		}
	}
	if why == "" {
		return nil
	}
	return &unknown.Value{Why: why}
}

// plain is the prediction for k or the base's answer.
func (o *Overlay) plain(ctx context.Context, k system.Key) (system.Object, error) {
	e, ok := o.at[k]
	if _, vague := e.value.(system.Unknown); ok && e.value != nil && !vague {
		return e.value, nil
	}
	if !ok {
		v, err := o.base.Object(ctx, k)
		if !errors.Is(err, fs.ErrNotExist) {
			return v, err
		}
	}
	return nil, o.missing(k, e)
}

// members is g with the users that are predicted, since g was, to be in it or not.
func (o *Overlay) members(k system.Key, g system.Group) system.Group {
	list := slices.Clone(g.Members)
	for u, e := range o.at {
		if _, vague := e.value.(system.Unknown); u.Kind != "user" || vague || e.time < o.at[k].time {
			continue
		}
		list = slices.DeleteFunc(list, func(m string) bool { return m == u.Name })
		if v, ok := e.value.(system.User); ok && slices.Contains(v.Groups, k.Name) {
			list = append(list, u.Name)
		}
	}
	slices.Sort(list)
	if g.Members = list; len(list) == 0 {
		g.Members = nil
	}
	return g
}

// hostname is the host's name, the static one from its file if that is newer.
func (o *Overlay) hostname(ctx context.Context, k system.Key) (system.Object, error) {
	v, err := o.plain(ctx, k)
	h, ok := v.(system.Hostname)
	t, _ := o.filed(k)
	if !ok || t < o.at[k].time || t == 0 {
		return v, err
	}
	data, err := system.ReadFile(quiet{o}, "/etc/hostname")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	h.Static = strings.TrimSpace(string(data))
	return h, nil
}

// files are where objects of a kind are kept.
func files(kind string) []string {
	switch kind {
	case "user", "group":
		return []string{"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"}
	case "hostname":
		return []string{"/etc/hostname"}
	}
	return nil
}

// filed is when a file that holds k was last predicted to change, and why.
func (o *Overlay) filed(k system.Key) (last int, why string) {
	for _, p := range files(k.Kind) {
		p = o.resolve(p, true)
		e, ok := o.at[system.Path(p)]
		if !ok {
			if e = o.hidden(p); !e.masks {
				continue
			}
		}
		if f, ok := e.value.(*file); ok && f.from == untouched {
			continue
		}
		if e.time > last {
			last, why = e.time, "change of "+p
		}
	}
	return last, why
}

// rewritten is when an object that is kept in the file p was last predicted to change.
func (o *Overlay) rewritten(p string) (last int) {
	for k, e := range o.at {
		if e.time > last && slices.Contains(files(k.Kind), p) {
			last = e.time
		}
	}
	return last
}
