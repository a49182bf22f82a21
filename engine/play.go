package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/schedule"
)

// play is one play being run.
type play struct {
	*Engine
	*playbook.Play
	title    string
	all      []*host // of the whole play
	vars     playVars
	handlers handlers
	maxFail  *float64
	ended    atomic.Bool // by meta: end_play

	magic      map[string]any
	groupsOnce sync.Once
	groupNames map[string]any
	gates      sync.Map // of the free strategy, where each host comes to a task by itself
}

// sequence numbers tasks.
type sequence struct{ n atomic.Int64 }

func (s *sequence) next() int { return int(s.n.Add(1)) }

// play runs p; goOn is false if the plays after it are not to run.
func (e *Engine) play(soft context.Context, src *playbook.Play) (goOn bool, err error) {
	p := &play{Engine: e, Play: src, magic: map[string]any{"playbook_dir": src.Dir, "ansible_check_mode": e.Check,
		"ansible_diff_mode": e.Diff, "gokube_version": e.Version}}
	if err := p.open(); err != nil {
		return false, err
	}
	sizes, err := p.serial()
	if err != nil {
		return false, err
	}
	if len(p.all) == 0 {
		e.out.Report(event.PlayStart{Play: p.title, Pos: p.Pos})
		return true, nil
	}
	rest := p.all
	for i, n := range sizes {
		b := &batch{play: p, hosts: rest[:n]}
		rest = rest[n:]
		e.out.Report(event.PlayStart{Play: p.title, Pos: p.Pos, Hosts: names(b.hosts), Batch: i + 1, Of: len(sizes), Tasks: p.count()})
		if !b.run(soft) {
			return false, nil
		}
		if p.ended.Load() {
			break
		}
	}
	return true, nil
}

// open finds the play's hosts and evaluates what belongs to the whole play.
func (p *play) open() error {
	base := p.playView()
	p.title = base.Text(p.Name)
	patterns := base.List(p.Hosts)
	if p.title == "" {
		p.title = strings.Join(patterns, ":")
	}
	p.magic["ansible_play_name"] = p.title
	if err := p.prompts(base); err != nil {
		return err
	}
	if err := p.beside(); err != nil {
		return err
	}
	found, err := p.inventory.Match(patterns...)
	if err != nil {
		return diag.Diagnostic{Pos: p.Pos, Summary: "hosts pattern", Detail: err.Error()}
	}
	for _, u := range found.Unmatched {
		p.out.Report(event.Warning{Pos: p.Pos, Text: u.Error()})
	}
	for _, name := range found.Names() {
		if h := p.host(name); h.gone == alive && p.allowed(name) {
			h.over, h.fail, h.notice, h.entered = false, nil, map[*playbook.Task]string{}, map[string]bool{}
			p.all = append(p.all, h)
		}
	}
	p.sort()
	p.handlers.add(p.Sections.Handlers)
	if p.Rollout.MaxFail != nil {
		limit := base.Number(p.Rollout.MaxFail)
		p.maxFail = &limit
	}
	return p.files(base)
}

// beside brings the variables beside the play's playbook into force.
func (p *play) beside() error {
	inv, err := p.Inventory.BesidePlaybook(p.Dir)
	if err != nil {
		return err
	}
	p.inventory = inv
	for _, h := range p.Engine.hosts {
		p.place(h)
	}
	return nil
}

// allowed reports whether --limit lets the play touch a host.
func (p *play) allowed(name string) bool { return p.Limit == nil || slices.Contains(p.Limit, name) }

// sort brings the hosts into the play's order.
func (p *play) sort() {
	byName := func(a, b *host) int { return strings.Compare(a.name, b.name) }
	switch p.Rollout.Order {
	case "sorted":
		slices.SortFunc(p.all, byName)
	case "reverse_sorted":
		slices.SortFunc(p.all, byName)
		slices.Reverse(p.all)
	case "reverse_inventory":
		slices.Reverse(p.all)
	case "shuffle":
		rand.Shuffle(len(p.all), func(i, j int) { p.all[i], p.all[j] = p.all[j], p.all[i] })
	}
}

// serial are the sizes of the play's batches.
func (p *play) serial() ([]int, error) {
	var sizes []schedule.Size
	base := p.playView()
	for _, s := range p.Rollout.Serial {
		size, err := base.Size(s, p.Pos)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, size)
	}
	return schedule.Batches(len(p.all), sizes), nil
}

// run runs the batch; false if nothing of the run is to go on after it.
func (b *batch) run(soft context.Context) bool {
	w := &walk{batch: b, soft: soft}
	if b.Rollout.Strategy == "free" {
		b.each(soft, b.hosts, func(i int) {
			alone := *w
			alone.sections(b.hosts[i : i+1])
		})
	} else {
		w.sections(b.hosts)
	}
	if b.force() {
		w.flushFailed(b.hosts)
	}
	bury(b.hosts)
	gone := func(h *host) bool { return h.gone != alive }
	return !b.aborted.Load() && soft.Err() == nil && !all(b.hosts, gone)
}

func all(hs []*host, is func(*host) bool) bool {
	return !slices.ContainsFunc(hs, func(h *host) bool { return !is(h) })
}

// force reports whether handlers run on failed hosts too; the play's word beats
// the command line's.
func (p *play) force() bool {
	if p.Rollout.ForceHandlers != nil {
		return *p.Rollout.ForceHandlers
	}
	return p.ForceHandlers
}

// sections runs facts and all sections, and flushes handlers after each.
func (w *walk) sections(hs []*host) {
	hs = w.gather(hs)
	for _, section := range [][]playbook.Node{w.Pre, slices.Concat(w.Roles, w.Sections.Tasks), w.Post} {
		hs = w.nodes(hs, section)
		hs = w.flush(live(hs))
	}
}

// count is the number of tasks known before the play runs.
func (p *play) count() (n int) {
	for _, ns := range [][]playbook.Node{p.Pre, p.Roles, p.Sections.Tasks, p.Post} {
		for t := range playbook.Walk(ns) {
			if p.selected(t.Tags) {
				n++
			}
		}
	}
	return n
}
