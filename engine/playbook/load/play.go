package load

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"gopkg.in/yaml.v3"
)

// importing is what an import_playbook gives to the plays it brings.
type importing struct {
	at   diag.Pos
	own  playbook.Keywords // its when and tags
	vars map[string]any
}

// plays are those of the playbook file at name.
func (ld *loading) plays(name string, by importing) (out []*playbook.Play) {
	at := by.at
	if at == (diag.Pos{}) {
		at = diag.Pos{File: name}
	}
	ld.enter(at, "playbook imports itself", name, func() {
		r, n, ok := ld.open(name)
		if !ok {
			return
		}
		items := r.items(n, "playbook", "begin each play with a dash")
		if n == nil || n.Kind == yaml.SequenceNode && len(items) == 0 {
			r.fail(diag.Pos{File: name, Line: 1, Col: 1}, "playbook is empty", "", "")
		}
		for _, item := range items {
			out = append(out, r.entry(item, by)...)
		}
	})
	return out
}

// entry is one element of a playbook: a play, or the plays that it imports.
func (r *reader) entry(n *yaml.Node, by importing) []*playbook.Play {
	if !r.spend(n) {
		return nil
	}
	if n == nil || n.Kind != yaml.MappingNode {
		r.failAt(n, "play is not a map", "it is "+source.Describe(n), "write hosts: and tasks:")
		return nil
	}
	pairs := r.fields(n, "play")
	for _, p := range pairs {
		switch canonical(p.Key) {
		case "import_playbook":
			return r.importPlaybook(p, pairs, by)
		case "include", "playbook", "include_playbook":
			r.fail(p.At, "include was removed", p.Key, "write import_playbook")
			return nil
		}
	}
	if p := r.play(n, pairs, by); p != nil {
		return []*playbook.Play{p}
	}
	return nil
}

func (r *reader) importPlaybook(p source.Pair, pairs []source.Pair, by importing) []*playbook.Play {
	allowed := []string{"name", "vars", "when", "tags"}
	for _, q := range pairs {
		if q.At != p.At && !slices.Contains(allowed, q.Key) {
			r.fail(q.At, "keyword not allowed here", fmt.Sprintf("%q in an import_playbook", q.Key), "it takes vars, when and tags")
		}
	}
	name := r.word(p)
	if name == "" {
		return nil
	}
	in := importing{at: r.at(p.Value), vars: by.vars}
	if v := pair(pairs, "vars"); v != nil {
		in.vars = over(r.vars(*v), by.vars)
	}
	own := r.inherited(slices.DeleteFunc(slices.Clone(pairs), func(q source.Pair) bool { return q.Key != "when" && q.Key != "tags" }), inBlock)
	in.own = own.Inherit(by.own)
	tried := []string{under(dirOf(r.f.Name), name), playbook.BuiltIn + "playbooks/" + name}
	file := r.find(tried)
	if file == "" {
		r.problems = append(r.problems, r.missing(in.at, "playbook not found", name, tried)...)
		return nil
	}
	return r.plays(file, in)
}

// play is one play with all that it imports.
func (r *reader) play(n *yaml.Node, pairs []source.Pair, by importing) *playbook.Play {
	for _, p := range pairs {
		switch {
		case legal(p.Key, inPlay):
		case r.spec(p.Key) != nil:
			r.fail(p.At, "task in place of a play", p.Key, "put it in the tasks of a play")
		default:
			r.refuse(p, inPlay)
		}
	}
	dir := dirOf(r.f.Name)
	p := &playbook.Play{Pos: r.at(n), Name: r.name(pairs), Dir: dir}
	r.remember(dir)
	r.reset()
	own := r.inherited(pairs, inPlay)
	own.Scopes = nil
	p.Keywords = own.Inherit(by.own)
	r.header(p, n, pairs, by)
	s := scope{keywords: p.Keywords, search: []string{dir}, home: dir}
	p.Pre = r.section(pairs, "pre_tasks", s)
	if q := pair(pairs, "roles"); q != nil {
		p.Roles = r.uses(q.Value, "roles", s)
	}
	p.Tasks = r.section(pairs, "tasks", s)
	p.Post = r.section(pairs, "post_tasks", s)
	if q := pair(pairs, "handlers"); q != nil {
		own := r.handlerTasks(q.Value, s)
		p.Handlers = slices.Concat(r.handlers, own)
	} else {
		p.Handlers = r.handlers
	}
	p.Used = r.used
	r.checkNotified(slices.Concat(p.Handlers, r.possible))
	return p
}

// reset forgets the play before.
func (ld *loading) reset() { ld.playState = playState{probed: map[string]bool{}} }

// remember keeps a playbook's folder for includes at run time.
func (l *Loader) remember(home string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.homes = append(slices.DeleteFunc(l.homes, func(h string) bool { return h == home }), home)
}

// header is all of a play but its sections.
func (r *reader) header(p *playbook.Play, n *yaml.Node, pairs []source.Pair, by importing) {
	p.Hosts = r.hosts(n, pairs)
	if q := pair(pairs, "vars"); q != nil {
		p.Vars = r.vars(*q)
	}
	p.Vars = over(p.Vars, by.vars)
	if q := pair(pairs, "vars_files"); q != nil {
		p.Files = r.varsFiles(*q, p.Dir)
	}
	if q := pair(pairs, "vars_prompt"); q != nil {
		p.Prompts = r.prompts(q.Value)
	}
	if q := pair(pairs, "gather_facts"); q != nil {
		p.Facts.Gather = r.truth(*q)
	}
	if q := pair(pairs, "gather_subset"); q != nil {
		p.Facts.Subset = r.texts(*q, true)
	}
	r.rollout(&p.Rollout, pairs)
}

// over is low with what high has on top of it. Neither is changed.
func over(low, high map[string]any) map[string]any {
	if len(high) == 0 {
		return low
	}
	out := maps.Clone(high)
	for k, v := range low {
		if _, ok := out[k]; !ok {
			out[k] = v
		}
	}
	return out
}

func (r *reader) hosts(n *yaml.Node, pairs []source.Pair) any {
	p := pair(pairs, "hosts")
	if p == nil {
		r.failAt(n, "play without hosts", "", "name a group or a pattern under hosts, such as all")
		return nil
	}
	before := len(r.problems)
	list := r.texts(*p, false)
	if len(r.problems) == before && (len(list) == 0 || slices.Contains(list, any(""))) {
		r.failAt(p.Value, "hosts is empty", "", "name a group or a pattern, such as all")
	}
	if p.Value.Kind != yaml.SequenceNode && len(list) == 1 {
		return list[0]
	}
	return list
}

// varsFiles are names of files; those without templates must exist and be sound.
func (r *reader) varsFiles(p source.Pair, dir string) (out []any) {
	for _, n := range r.list(p) {
		q := source.Pair{Key: p.Key, At: r.at(n), Value: n}
		names := r.texts(q, false)
		if n.Kind == yaml.SequenceNode {
			out = append(out, names)
		} else {
			out = append(out, names...)
		}
		r.checkVarsFiles(n, names, dir)
	}
	return out
}

// checkVarsFiles finds names of which none is a file.
func (r *reader) checkVarsFiles(n *yaml.Node, names []any, dir string) {
	var tried []string
	for _, name := range names {
		s, ok := name.(string)
		if !ok {
			return
		}
		tried = append(tried, under(dir, s), under(under(dir, "vars"), s))
	}
	if file := r.find(tried); file != "" {
		r.checkVarsFile(file)
	} else if len(tried) > 0 {
		r.problems = append(r.problems, r.missing(r.at(n), "vars file not found", fmt.Sprint(names[0]), tried)...)
	}
}

// checkVarsFile finds what is wrong with one; of an encrypted file that is for
// those to tell who can open it.
func (r *reader) checkVarsFile(name string) {
	data, err := r.opts.Files.ReadFile(name)
	if err != nil || r.opts.Sealed == nil || !encrypted(data) {
		r.varsFile(name)
		return
	}
	r.problems.Add(diag.Pos{File: name}, r.opts.Sealed(name, data))
}

func (r *reader) prompts(n *yaml.Node) (out []playbook.Prompt) {
	for _, item := range r.items(n, "vars_prompt", "begin each variable with a dash") {
		p, before := playbook.Prompt{Pos: r.at(item), Private: true}, len(r.problems)
		for _, q := range r.fields(item, "prompt") {
			switch q.Key {
			case "name":
				p.Name = r.variable(q)
			case "prompt":
				p.Text = r.word(q)
			case "default":
				p.Default = r.value(q.Value)
			case "private":
				p.Private = r.fixed(&q)
			case "confirm":
				p.Confirm = r.fixed(&q)
			case "encrypt", "salt", "salt_size", "unsafe":
				r.fail(q.At, "option not supported", fmt.Sprintf("%q in vars_prompt", q.Key), "remove it")
			default:
				r.option(q, "vars_prompt", "name", "prompt", "default", "private", "confirm")
			}
		}
		if p.Name == "" && len(r.problems) == before {
			r.failAt(item, "prompt without a name", "", "name the variable under name")
		}
		out = append(out, p)
	}
	return out
}

var share = regexp.MustCompile(`^\d+(\.\d+)?%$`)

func (r *reader) rollout(o *playbook.Rollout, pairs []source.Pair) {
	if q := pair(pairs, "serial"); q != nil {
		for _, n := range r.list(*q) {
			o.Serial = append(o.Serial, r.batch(n))
		}
	}
	if q := pair(pairs, "max_fail_percentage"); q != nil {
		o.MaxFail = r.number(*q, false)
	}
	o.Strategy = r.choice(pairs, "strategy", "linear", "free")
	o.Order = r.choice(pairs, "order", playbook.Orders()...)
	if q := pair(pairs, "force_handlers"); q != nil {
		b := r.fixed(q)
		o.ForceHandlers = &b
	}
}

// batch is how many hosts come at once: a number, or a share of them.
func (r *reader) batch(n *yaml.Node) any {
	switch v := r.value(n).(type) {
	case *template.Text:
		return v
	case int:
		if v >= 0 {
			return v
		}
	case string:
		if i, err := strconv.Atoi(v); err == nil && i >= 0 {
			return i
		}
		if share.MatchString(v) {
			return v
		}
	}
	r.failAt(n, wrongType, "serial: a number of hosts or a share like \"30%\" is wanted, got "+source.Describe(n), "")
	return 1
}
