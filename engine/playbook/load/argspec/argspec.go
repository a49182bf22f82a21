// Package argspec reads what a role says of its arguments. It knows no role and
// no values.
package argspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"gopkg.in/yaml.v3"
)

// Types are the types that an argument may have.
func Types() []string {
	return []string{"bool", "dict", "float", "int", "list", "path", "raw", "str"}
}

// Decode reads the map n of entry points, such as main, with what each takes. The
// error is a diag.List; the result beside it lacks what is wrong.
func Decode(f *source.File, n *yaml.Node) (map[string]*playbook.ArgSpec, error) {
	d := &decoding{f: f}
	out := map[string]*playbook.ArgSpec{}
	for _, p := range d.pairs(n, "argument specs") {
		out[p.Key] = d.entry(p.Value)
	}
	return out, d.problems.Err()
}

// deepest is how far options may lie in options, so that an alias cannot make
// them endless.
const deepest = 20

type decoding struct {
	f        *source.File
	depth    int
	problems diag.List
}

func (d *decoding) fail(n *yaml.Node, summary, detail, hint string) {
	d.problems = append(d.problems, diag.Diagnostic{Pos: d.f.Pos(n), Summary: summary, Detail: detail, Hint: hint})
}

func (d *decoding) pairs(n *yaml.Node, what string) []source.Pair {
	if n = source.Resolve(n); !source.IsNull(n) && n.Kind != yaml.MappingNode {
		d.fail(n, what+" is not a map", "it is "+source.Describe(n), "")
		return nil
	}
	pairs, err := d.f.Pairs(n)
	d.problems.Add(d.f.Pos(n), err)
	return pairs
}

func (d *decoding) value(n *yaml.Node) any {
	v, err := d.f.Decode(n, source.Hooks{})
	d.problems.Add(d.f.Pos(n), err)
	return v
}

func (d *decoding) entry(n *yaml.Node) *playbook.ArgSpec {
	out := &playbook.ArgSpec{Options: map[string]playbook.Option{}}
	for _, p := range d.pairs(n, "argument spec") {
		switch p.Key {
		case "short_description":
			out.Summary = fmt.Sprint(d.value(p.Value))
		case "options":
			out.Options = d.options(p.Value)
		case "description", "author", "version_added", "seealso":
		default:
			d.unknown(p, "argument spec", "short_description", "description", "author", "options")
		}
	}
	return out
}

func (d *decoding) unknown(p source.Pair, what string, names ...string) {
	hint := diag.Suggest(p.Key, names)
	if hint == "" {
		hint = "it may be " + strings.Join(names, ", ")
	}
	d.problems = append(d.problems, diag.Diagnostic{Pos: p.At, Summary: "unknown option", Detail: fmt.Sprintf("%q in %s", p.Key, what), Hint: hint})
}

func (d *decoding) options(n *yaml.Node) map[string]playbook.Option {
	if d.depth++; d.depth > deepest {
		d.fail(n, "options too deep", fmt.Sprintf("more than %d in each other", deepest), "")
		return nil
	}
	defer func() { d.depth-- }()
	out := map[string]playbook.Option{}
	for _, p := range d.pairs(n, "options") {
		o := playbook.Option{Pos: p.At, Type: "str"}
		for _, q := range d.pairs(p.Value, "option "+p.Key) {
			d.option(&o, q)
		}
		if o.Required && o.Default != nil {
			d.fail(p.Value, "required option with a default", p.Key, "remove one of them")
		}
		out[p.Key] = o
	}
	return out
}

func (d *decoding) option(o *playbook.Option, p source.Pair) {
	v := any(nil)
	if p.Key != "options" {
		v = d.value(p.Value)
	}
	switch p.Key {
	case "type":
		o.Type = d.typeName(p.Value, v)
	case "elements":
		o.Elements = d.typeName(p.Value, v)
	case "required":
		o.Required = d.required(p.Value, v)
	case "default":
		o.Default = v
	case "choices":
		o.Choices = d.choices(p.Value, v)
	case "description":
		o.Description = lines(v)
	case "options":
		o.Options = d.options(p.Value)
	case "no_log", "version_added", "apply_defaults":
	default:
		d.unknown(p, "an option", "type", "elements", "required", "default", "choices", "description", "options")
	}
}

func (d *decoding) typeName(n *yaml.Node, v any) string {
	name, _ := v.(string)
	if !slices.Contains(Types(), name) {
		d.fail(n, "unknown type of argument", fmt.Sprintf("%q", n.Value), "it may be "+strings.Join(Types(), ", "))
	}
	return name
}

func (d *decoding) required(n *yaml.Node, v any) bool {
	b, ok := v.(bool)
	if !ok {
		d.fail(n, "wrong type of option", "required: true or false is wanted, got "+source.Describe(n), "")
	}
	return b
}

// choices are the values allowed, of a list or of the keys of a map that says
// what each means.
func (d *decoding) choices(n *yaml.Node, v any) (out []any) {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, k)
		}
		return out
	}
	d.fail(n, "wrong type of option", "choices: a list is wanted, got "+source.Describe(n), "")
	return nil
}

func lines(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
	}
	return out
}
