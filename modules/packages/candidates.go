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
	names := q.missing()
	argv := q.tool.query
	if q.state == "latest" {
		names = nil
		for _, w := range q.wants {
			names = append(names, w.name)
		}
		if old && len(q.tool.fresh) > 0 {
			argv, old = q.tool.fresh, false
		}
	}
	if len(names) == 0 || len(argv) == 0 || old && q.state != "latest" {
		return nil
	}
	c := q.tool.ask(argv, names...)
	out, err := r.Query(ctx, c)
	if unsure(err) {
		return nil
	}
	if err == nil && q.tool.strict {
		err = out.Err(c)
	}
	if err != nil {
		return err
	}
	found := q.tool.parse(out.Stdout)
	for _, w := range q.wants {
		w.candidate = found[w.name]
		if w.candidate == "" && w.there {
			w.candidate = w.installed
		}
		if pending := !w.there && !w.unsure; pending && w.candidate == "" && q.tool.strict {
			return q.unavailable(w)
		}
	}
	return q.pinned(ctx, r)
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
		if w.version != "" && (w.there || !w.unsure) && (!w.there || !w.fits(w.installed)) {
			names = append(names, w.name)
		}
	}
	if len(names) == 0 || len(q.tool.versions) == 0 {
		return nil
	}
	out, err := r.Query(ctx, q.tool.ask(q.tool.versions, names...))
	if err != nil {
		if unsure(err) {
			return nil
		}
		return err
	}
	offers := parseMadison(out.Stdout)
	for _, w := range q.wants {
		if offer, asked := offers[w.name]; asked && w.version != "" {
			if err := w.choose(offer); err != nil && !(w.there && w.fits(w.installed)) {
				return err
			}
		}
	}
	return nil
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
