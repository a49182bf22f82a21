// Package prepare makes the arguments that a module sees out of those that a
// task is written with: templates evaluated, controller files found, template
// files rendered, conditions tested. It knows no hosts and no connection.
package prepare

import (
	"fmt"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// Eval evaluates in the variables of one task on one host.
type Eval interface {
	// Resolve replaces every template at or below x by its value; unknown leaves
	// stay in place.
	Resolve(x any) (any, error)
	// Blank is Resolve with another text in the place of every secret.
	Blank(x any) (any, error)
	// Test evaluates a condition; why is set if it depends on an unknown.
	Test(c playbook.Cond) (truth bool, why *unknown.Value, err error)
}

// Task is what of a task is prepared.
type Task struct {
	Spec   *module.Spec
	Args   playbook.Args
	Search []string // folders in which files/ and templates/ are looked for
	// Maybe is why the task may not run at all, "" if it will. An argument that
	// cannot be evaluated is then unknown and no failure: the host would never come
	// to it.
	Maybe string
	// Host is the task's host, and Look finds a Source on the host called from; a nil
	// Look finds none.
	Host string
	Look func(from, name string) (any, error)
}

// Preparer prepares tasks. It remembers digests and parsed templates, and is safe
// for concurrent use.
type Preparer struct {
	files     playbook.Files
	sources   memo[module.Source]
	templates memo[*template.Text]
}

// New returns a Preparer that finds files in files.
func New(files playbook.Files) *Preparer { return &Preparer{files: files} }

// Args are t's arguments as its module takes them. Values that depend on an
// unknown are unknown.Values. Errors have the place of the argument.
func (p *Preparer) Args(t Task, ev Eval) (module.Args, error) {
	out := module.Args{}
	f, err := t.finder(ev)
	if err != nil {
		return nil, err
	}
	for name, raw := range t.written(f) {
		v, err := p.value(t, name, raw, f, ev)
		if err != nil && t.Maybe != "" {
			v, err = unknown.Value{Why: t.Maybe}, nil
		}
		if err != nil {
			return nil, at(t.Args.At[name], err)
		}
		if !template.IsOmit(v) {
			out[name] = template.WithoutOmitted(v)
		}
	}
	return out, nil
}

// kind is what the argument called name is, module.Any if there is none.
func (t Task) kind(name string) module.Type {
	if f := t.Spec.Args.Field(name); f != nil {
		return f.Type
	}
	return module.Any
}

func (p *Preparer) value(t Task, name string, raw any, where finder, ev Eval) (any, error) {
	kind := t.kind(name)
	switch kind {
	case module.Tests:
		return conditions(raw, t.Args.At[name], ev)
	case module.Pipeline:
		return expression(raw, t.Args.At[name], ev)
	}
	v, err := ev.Resolve(raw)
	if err != nil || template.IsOmit(v) {
		return v, err
	}
	switch kind {
	case module.DocumentList:
		return p.documents(t.Search, raw, v, ev)
	case module.Regexp:
		return t.pattern(name, v)
	case module.Masked, module.LateText:
		return secret.Hide(v), nil // also if it was written as plain text
	}
	if text, ok := v.(string); ok {
		return p.meant(t, kind, text, where, ev)
	}
	return v, nil
}

// meant is what a text of that kind stands for: itself, or a file by its name.
func (p *Preparer) meant(t Task, kind module.Type, text string, where finder, ev Eval) (any, error) {
	switch kind {
	case module.FileSource:
		return p.sourceOn(where, t, text)
	case module.LocalName:
		return local(text)
	case module.Rendered:
		return p.render(t.Search, text, ev)
	}
	return text, nil
}

func conditions(raw any, pos diag.Pos, ev Eval) (any, error) {
	list, ok := raw.([]any)
	if !ok {
		list = []any{raw}
	}
	out := module.Conditions{}
	for _, c := range list {
		cond, err := playbook.CondOf(c, pos)
		if err != nil {
			return nil, err
		}
		truth, why, err := ev.Test(cond)
		if err != nil {
			return nil, err
		}
		if why != nil {
			return *why, nil
		}
		out = append(out, module.Condition{Text: cond.String(), Holds: truth})
	}
	return out, nil
}

// expression evaluates the name of a variable, with or without its dot, or a
// pipeline.
func expression(raw any, pos diag.Pos, ev Eval) (any, error) {
	text, ok := raw.(string)
	if !ok {
		v, err := ev.Resolve(raw)
		return module.Expression{Text: "value", Value: v}, err
	}
	path := text
	if template.IsName(text) {
		path = "." + text
	}
	v, err := ev.Resolve(template.Pipeline(path, pos))
	return module.Expression{Text: text, Value: v}, err
}

// at gives err the place p unless it has one.
func at(p diag.Pos, err error) error {
	var list diag.List
	list.Add(p, err)
	if len(list) != 1 {
		return fmt.Errorf("%v: %w", p, err)
	}
	if list[0].Pos == (diag.Pos{}) {
		list[0].Pos = p
	}
	return list[0]
}
