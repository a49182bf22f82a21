package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/vars"
)

// playView is what belongs to the whole play: no host's variables.
func (p *play) playView() *scope.Scope { return scope.New(&p.conditions, p.made, p.layers()...) }

// layers are the variables of the whole play.
func (p *play) layers() []*vars.Layer {
	return []*vars.Layer{
		{Level: vars.PlayVars, Values: p.Play.Vars}, {Level: vars.PlayPrompts, Values: p.vars.prompts}, {Level: vars.PlayFiles, Values: p.vars.files},
		{Level: vars.ExtraVars, Values: p.Extra}, {Level: vars.Magic, Values: p.magic},
	}
}

// view is what t sees on h. Making it copies no variables.
func (w *walk) view(h *host, t *playbook.Task) *scope.Scope {
	layers := append(w.layers(), h.layers()...)
	add := func(level vars.Level, of string, values map[string]any) {
		if len(values) > 0 {
			layers = append(layers, &vars.Layer{Level: level, Of: of, Values: values})
		}
	}
	for _, r := range w.Used {
		if r != t.Role && !r.Private {
			add(vars.RoleDefaults, r.Name, r.Defaults)
			add(vars.RoleVars, r.Name, r.Vars)
		}
	}
	if r := t.Role; r != nil {
		add(vars.RoleDefaults, r.Name, r.Defaults)
		add(vars.RoleVars, r.Name, r.Vars)
		add(vars.RoleParams, r.Name, r.Params)
		add(vars.Magic, r.Name, map[string]any{"role_name": r.Name, "role_path": r.Path, "ansible_parent_role_names": anyList(r.Parents)})
	}
	for _, s := range t.Scopes {
		add(vars.TaskVars, "", s)
	}
	add(vars.IncludeParams, "", w.scope)
	return scope.New(&w.conditions, w.made, layers...)
}

// layers are the variables of the host itself.
func (h *host) layers() []*vars.Layer {
	return []*vars.Layer{
		{Level: vars.PlaybookHostVars, Values: h.base}, {Level: vars.Facts, Values: h.facts.vars()}, {Level: vars.IncludedVars, Values: h.include.vars()},
		{Level: vars.SetFacts, Values: h.set.vars()}, {Level: vars.Magic, Values: h.magic},
	}
}

// made are the magic variables that are made only when they are asked for.
func (p *play) made(name string) (any, bool) {
	switch name {
	case "groups":
		return p.groups(), true
	case "hostvars":
		return hostvars{p}, true
	case "ansible_play_hosts", "ansible_play_batch", "play_hosts":
		return anyList(names(live(p.all))), true
	case "ansible_play_hosts_all":
		return anyList(names(p.all)), true
	}
	return nil, false
}

// groups are the names of the hosts of every group.
func (p *play) groups() map[string]any {
	p.groupsOnce.Do(func() {
		p.groupNames = map[string]any{}
		for _, g := range p.inventory.Groups() {
			hs := make([]any, 0, len(g.Hosts))
			for _, h := range g.Hosts {
				hs = append(hs, h.Name)
			}
			p.groupNames[g.Name] = hs
		}
	})
	return p.groupNames
}

// hostvars are the variables of all hosts, looked up when they are asked for.
type hostvars struct{ *play }

// Child is the variables of the host called name: from the inventory, its facts,
// what its tasks have set, and extra variables; not those of the play.
func (hv hostvars) Child(name string) (any, bool) {
	if _, ok := hv.inventory.Host(name); !ok {
		return nil, false
	}
	h := hv.host(name)
	extra := &vars.Layer{Level: vars.ExtraVars, Values: hv.Extra}
	return scope.New(&hv.conditions, nil, append(h.layers(), extra)...), true
}

// Keys are the names of all hosts of the inventory, in its order.
func (hv hostvars) Keys() []string { return hv.inventory.Names() }

// magicOf are the variables of a host that no one sets.
func magicOf(h *host) map[string]any {
	short, _, _ := strings.Cut(h.name, ".")
	dir := ""
	if i := strings.LastIndex(h.at.Source, "/"); i >= 0 {
		dir = h.at.Source[:i]
	}
	return map[string]any{"inventory_hostname": h.name, "inventory_hostname_short": short, "group_names": anyList(h.at.GroupNames()),
		"inventory_file": h.at.Source, "inventory_dir": dir}
}

func anyList(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

// playVars are the variables of a play that are read when it begins.
type playVars struct{ files, prompts map[string]any }

// prompts asks for the variables of vars_prompt that extra variables do not set.
func (p *play) prompts(base *scope.Scope) error {
	p.vars.prompts = map[string]any{}
	for _, q := range p.Prompts {
		if _, given := p.Extra[q.Name]; given {
			continue
		}
		answer, err := p.ask(q, base)
		if err != nil {
			return diag.Diagnostic{Pos: q.Pos, Summary: "prompt without an answer", Detail: q.Name, Hint: "give it with -e " + q.Name + "=VALUE"}
		}
		p.vars.prompts[q.Name] = answer
	}
	return nil
}

func (p *play) ask(q playbook.Prompt, base *scope.Scope) (any, error) {
	if p.Prompt == nil && q.Default != nil {
		return base.Resolve(q.Default)
	}
	if p.Prompt == nil {
		return nil, errors.New("no terminal")
	}
	text, err := p.Prompt(q)
	switch {
	case err != nil:
		return nil, err
	case text == "" && q.Default != nil:
		return base.Resolve(q.Default)
	case q.Private:
		return secret.New(text), nil
	}
	return text, nil
}

// files reads the play's vars_files; of a list the first that exists.
func (p *play) files(base *scope.Scope) error {
	p.vars.files = map[string]any{}
	for _, raw := range p.Files {
		names, oneOf := raw.([]any)
		if !oneOf {
			names = []any{raw}
		}
		if err := p.firstFile(base, names); err != nil {
			return err
		}
	}
	return nil
}

// readVars are the variables in the file called name.
func (e *Engine) readVars(name string) (map[string]any, error) {
	data, err := e.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set, err := e.Parts.Vars.Parse(name, data)
	return set.Values, err
}

func (p *play) firstFile(base *scope.Scope, names []any) error {
	var tried []string
	for _, n := range names {
		x, err := base.Resolve(n)
		if err != nil {
			return err
		}
		file := fmt.Sprint(x)
		if !path.IsAbs(file) && !strings.HasPrefix(file, playbook.BuiltIn) {
			file = path.Join(p.Dir, file)
		}
		vars, err := p.readVars(file)
		if errors.Is(err, fs.ErrNotExist) {
			tried = append(tried, file)
			continue
		}
		if err != nil {
			return err
		}
		for k, v := range vars {
			p.vars.files[k] = v
		}
		return nil
	}
	return diag.Diagnostic{Pos: p.Pos, Summary: "file of vars_files not found", Detail: strings.Join(tried, ", ")}
}
