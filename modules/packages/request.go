package packages

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Options are the arguments that all modules of this family share.
type Options struct {
	// Brings names what the packages are known to bring, so that a check need not
	// call it unknown: directories with a final slash, files, and units. Given, it
	// promises that nothing else matters to the tasks that follow.
	Brings []string `arg:"brings"`
	// UpdateCache reads the lists of packages anew if something is to be installed,
	// or no package is named. This is never counted as a change.
	UpdateCache bool `arg:"update_cache,alias=update-cache"`
	// CacheValidTime is for how many seconds lists are new enough; it implies
	// update_cache.
	CacheValidTime int `arg:"cache_valid_time"`
}

// request is what a task asks of a package manager.
type request struct {
	Options
	tool  tool
	state string // present, absent or latest
	wants []*want
}

func newRequest(o Options, t tool, state string, names []string) (*request, error) {
	q := &request{Options: o, tool: t, state: settle(state)}
	q.UpdateCache = o.UpdateCache || o.CacheValidTime > 0
	for _, n := range names {
		w, err := parse(n)
		if err != nil {
			return nil, err
		}
		if q.state == "latest" && w.version != "" {
			return nil, fmt.Errorf("%s: a version and state latest exclude each other", n)
		}
		if !slices.ContainsFunc(q.wants, func(o *want) bool { return o.name == w.name }) {
			q.wants = append(q.wants, &w)
		}
	}
	return q, nil
}

// plan compares the packages with the host.
func (q *request) plan(ctx context.Context, r system.Reader) (*module.Plan, error) {
	for _, w := range q.wants {
		if err := w.look(ctx, r); err != nil {
			return nil, err
		}
	}
	p := &module.Plan{Output: map[string]any{"cache_updated": false}}
	if err := q.mend(r, p); err != nil {
		return nil, err
	}
	if q.state == "absent" {
		q.removeAll(p)
		return p, q.able(p)
	}
	old, err := q.outdated(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := q.candidates(ctx, r, old); err != nil {
		return nil, err
	}
	pending := q.pending()
	if old && (len(pending) > 0 || len(q.wants) == 0) {
		q.refresh(p)
	}
	q.installAll(p, pending)
	return p, q.able(p)
}

// able is an error if the host has no package manager to do p.
func (q *request) able(p *module.Plan) error {
	if len(p.Steps) == 0 || q.tool.name != "" && len(q.tool.install) > 0 {
		return nil
	}
	missing := make([]string, 0, len(q.wants))
	for _, w := range q.wants {
		missing = append(missing, w.name)
	}
	what := "it has no package manager that is known here"
	if q.tool.name != "" {
		what = "its package manager is " + q.tool.name + ", which changes a host at its next start only"
	}
	return fmt.Errorf("change packages %s: %s; leave the task out for such hosts with when", strings.Join(missing, ", "), what)
}

// pending are the wants that the host does not fulfil.
func (q *request) pending() (out []*want) {
	for _, w := range q.wants {
		newer := q.state == "latest" && (w.candidate == "" || w.candidate != w.installed)
		if !w.there || !w.fits(w.installed) || newer {
			out = append(out, w)
		}
	}
	return out
}

// missing are the wants that are known, before anything is asked, to be pending.
func (q *request) missing() (names []string) {
	for _, w := range q.wants {
		if !w.there || !w.fits(w.installed) {
			names = append(names, w.name)
		}
	}
	return names
}

// outdated reports whether the lists are to be read anew before anything is
// installed. Where nobody knows, they are.
func (q *request) outdated(ctx context.Context, r system.Reader) (bool, error) {
	needed := len(q.wants) == 0 || q.state == "latest" || len(q.missing()) > 0
	if !q.UpdateCache || !needed || len(q.tool.update) == 0 {
		return false, nil
	}
	if q.CacheValidTime <= 0 {
		return true, nil
	}
	age := fmt.Sprintf("-%d seconds", q.CacheValidTime)
	c := system.Command("find", q.tool.lists, "-maxdepth", "1", "(", "-path", q.tool.lists, "-newermt", age, "-o", "-name", q.tool.list, ")")
	c.Reads = []system.Key{system.Path(q.tool.lists)}
	out, err := r.Query(ctx, c)
	if unsure(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	// The folder is new enough, and there is a list in it.
	found := strings.Fields(out.Text())
	return len(found) < 2 || !slices.Contains(found, q.tool.lists), nil
}

// refresh plans to read the lists anew.
func (q *request) refresh(p *module.Plan) {
	p.Output["cache_updated"] = true
	p.Add(waitFor(q.tool.name), func(ctx context.Context, s system.System) error {
		e := system.Closed(system.Vague(system.Path(q.tool.lists + "/")))
		if err := q.run(ctx, s, q.tool.cmd(q.tool.update), e); err != nil || q.CacheValidTime <= 0 {
			return err
		}
		// Lists that are found unchanged keep their time.
		return s.Run(ctx, system.Command("touch", "-c", q.tool.lists), e)
	}).Certain = true
}
