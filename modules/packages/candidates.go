package packages

import (
	"context"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// candidates asks which versions would be installed; old says that the lists will
// be read anew before. A version that only applying can tell stays "".
func (q *request) candidates(ctx context.Context, r system.Reader, old bool) error {
	argv, names := q.question(old)
	if len(names) == 0 || len(argv) == 0 {
		return nil
	}
	c := q.tool.ask(argv, names...)
	out, err := r.Query(ctx, c)
	switch {
	case unsure(err):
		return nil
	case err == nil && q.tool.strict:
		err = out.Err(c)
	}
	if err != nil {
		return err
	}
	if err := q.offered(q.tool.parse(out.Stdout)); err != nil {
		return err
	}
	return q.pinned(ctx, r)
}

// question is what to ask, and of which packages. What is missing will be of a
// version that only new lists tell; whether there is something newer than what is
// installed must be known now.
func (q *request) question(old bool) (argv, names []string) {
	switch {
	case q.state != "latest" && old:
		return nil, nil
	case q.state != "latest":
		return q.tool.query, q.missing()
	}
	for _, w := range q.wants {
		names = append(names, w.name)
	}
	if old && len(q.tool.fresh) > 0 {
		return q.tool.fresh, names
	}
	return q.tool.query, names
}

// offered takes the candidates from what was found.
func (q *request) offered(found map[string]string) error {
	for _, w := range q.wants {
		w.candidate = found[w.name]
		switch {
		case w.candidate != "":
		case w.there:
			w.candidate = w.installed
		case !w.unsure && q.tool.strict:
			return q.unavailable(w)
		}
	}
	return nil
}

func (q *request) unavailable(w *want) error {
	hint := "a version is written " + w.name + "=VERSION, and one of several packages that provide a name must be named itself"
	if !q.UpdateCache {
		hint = "if it is a new one, set update_cache: true; " + hint
	}
	return fmt.Errorf("install %s: no package of this name can be installed; %s", w.name, hint)
}

// pinned is an error if a version that is asked for is not on offer.
func (q *request) pinned(ctx context.Context, r system.Reader) error {
	var names []string
	for _, w := range q.wants {
		if w.pinned() {
			names = append(names, w.name)
		}
	}
	if len(names) == 0 || len(q.tool.versions) == 0 {
		return nil
	}
	out, err := r.Query(ctx, q.tool.ask(q.tool.versions, names...))
	if unsure(err) {
		return nil
	}
	if err != nil {
		return err
	}
	offers := parseMadison(out.Stdout)
	for _, w := range q.wants {
		if offer, asked := offers[w.name]; asked && w.pinned() {
			if err := w.choose(offer); err != nil {
				return err
			}
		}
	}
	return nil
}

// pinned reports whether a version of w is asked for that is known not to be there.
func (w *want) pinned() bool {
	return w.version != "" && !w.unsure && (!w.there || !w.fits(w.installed))
}

// choose takes the first version on offer that fits.
func (w *want) choose(offer []string) error {
	for _, v := range offer {
		if w.fits(v) {
			w.candidate = v
			return nil
		}
	}
	return fmt.Errorf("install %s=%s: there is no such version, but %s", w.name, w.version, strings.Join(offer, ", "))
}
