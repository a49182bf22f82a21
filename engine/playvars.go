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
)

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
