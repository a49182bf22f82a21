package load

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"gopkg.in/yaml.v3"
)

const wrongType = "wrong type of keyword"

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// text is the value of a string of YAML: what holds a template is marked and
// checked.
func (r *reader) text(s source.Scalar) any {
	v := template.FromScalar(s)
	if t, ok := v.(*template.Text); ok {
		r.problems.Add(s.At, template.Check(t))
	}
	return v
}

// wrong reports a value that is not what its keyword wants.
func (r *reader) wrong(p source.Pair, n *yaml.Node, want string) {
	r.failAt(n, wrongType, fmt.Sprintf("%s: %s is wanted, got %s", p.Key, want, source.Describe(n)), "")
}

// textual is text or a template; numbers and bools count as what is written.
func (r *reader) textual(p source.Pair) any { return r.textAt(p, p.Value) }

func (r *reader) textAt(p source.Pair, n *yaml.Node) any {
	n = source.Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		r.wrong(p, n, "text")
		return nil
	}
	switch v := r.value(n).(type) {
	case string, *template.Text:
		return v
	}
	return n.Value
}

// word is text that cannot be a template.
func (r *reader) word(p source.Pair) string { return r.wordAt(p, p.Value) }

func (r *reader) wordAt(p source.Pair, n *yaml.Node) string {
	switch v := r.textAt(p, n).(type) {
	case string:
		return v
	case *template.Text:
		r.failAt(n, "template not allowed here", p.Key, "it is needed before any host is known")
	}
	return ""
}

// truth is a bool or a template.
func (r *reader) truth(p source.Pair) any {
	v := r.value(p.Value)
	if t, ok := v.(*template.Text); ok {
		return t
	}
	if b, ok := boolean(v); ok {
		return b
	}
	r.wrong(p, p.Value, "true or false")
	return nil
}

// fixed is a bool that cannot be a template; an absent p is false.
func (r *reader) fixed(p *source.Pair) bool {
	if p == nil {
		return false
	}
	b, ok := boolean(r.plain(p.Value))
	if !ok {
		r.wrong(*p, p.Value, "true or false")
	}
	return b
}

func boolean(v any) (b, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int:
		return v == 1, v == 0 || v == 1
	case string:
		switch strings.ToLower(v) {
		case "yes", "true", "on", "1", "y":
			return true, true
		case "no", "false", "off", "0", "n":
			return false, true
		}
	}
	return false, false
}

// number is an int, a float64 if not whole, or a template.
func (r *reader) number(p source.Pair, whole bool) any {
	v := r.value(p.Value)
	if s, ok := v.(string); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
			v = n
		} else if f, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
			v = f
		}
	}
	switch v.(type) {
	case int, *template.Text:
		return v
	case float64:
		if !whole {
			return v
		}
	}
	if whole {
		r.wrong(p, p.Value, "a whole number")
	} else {
		r.wrong(p, p.Value, "a number")
	}
	return nil
}

// vars are variables: a map with names that templates can say.
func (r *reader) vars(p source.Pair) map[string]any {
	n := source.Resolve(p.Value)
	if n.Kind != yaml.MappingNode {
		hint := ""
		if n.Kind == yaml.SequenceNode {
			hint = "write one map instead of a list of maps"
		}
		r.failAt(n, wrongType, fmt.Sprintf("%s: a map is wanted, got %s", p.Key, source.Describe(n)), hint)
		return nil
	}
	m, _ := r.value(n).(map[string]any)
	pairs, _ := r.f.Pairs(n) // what is wrong with them value has reported
	for _, v := range pairs {
		r.identifier(v.At, v.Key)
	}
	return m
}

// variable is the name of a variable.
func (r *reader) variable(p source.Pair) string {
	before := len(r.problems)
	name := r.word(p)
	if len(r.problems) == before {
		r.identifier(r.at(p.Value), name)
	}
	return name
}

func (r *reader) identifier(at diag.Pos, name string) {
	if !identifier.MatchString(name) {
		r.fail(at, "invalid variable name", fmt.Sprintf("%q", name), "use letters, digits and _, and no digit first")
	}
}

// list is the elements of p: of a list, or its only value.
func (r *reader) list(p source.Pair) []*yaml.Node {
	n := source.Resolve(p.Value)
	if n.Kind == yaml.SequenceNode {
		items, _ := r.f.Items(n)
		return items
	}
	return []*yaml.Node{n}
}

// texts are the texts in p, templates allowed; csv says that commas part them.
func (r *reader) texts(p source.Pair, csv bool) (out []any) {
	for _, n := range r.list(p) {
		v := r.textAt(p, n)
		if s, ok := v.(string); ok && csv {
			for part := range strings.SplitSeq(s, ",") {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, part)
				}
			}
		} else if v != nil {
			out = append(out, v)
		}
	}
	return out
}

// words are texts that cannot be templates.
func (r *reader) words(p source.Pair, csv bool) (out []string) {
	for _, v := range r.texts(p, csv) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case *template.Text:
			r.fail(v.At, "template not allowed here", p.Key, "it is needed before any host is known")
		}
	}
	return out
}

// tags are sorted, each once.
func (r *reader) tags(p source.Pair) []string {
	out := r.words(p, true)
	slices.Sort(out)
	return slices.Compact(out)
}

// conds are the conditions in p.
func (r *reader) conds(p source.Pair) (out []playbook.Cond) {
	for _, n := range r.list(p) {
		if source.IsNull(n) {
			r.failAt(n, "condition is empty", "", "remove it")
			continue
		}
		if c, ok := r.cond(n); ok {
			out = append(out, c)
		}
	}
	return out
}

func (r *reader) cond(n *yaml.Node) (playbook.Cond, bool) {
	x := r.plain(n)
	at := r.at(n)
	if s, ok := x.(string); ok {
		sc := r.f.Scalar(n)
		at, x = sc.At, sc
		c, err := template.ConditionOf(x, at)
		if err == nil {
			err = c.Check()
		}
		r.problems.Add(at, err)
		return playbook.Cond{Pos: at, Text: strings.TrimSpace(s)}, err == nil
	}
	c, err := playbook.CondOf(x, at)
	if err != nil {
		r.fail(at, "condition is not true, false or text", "it is "+source.Describe(n), "")
	}
	return c, err == nil
}

// environment is a list of maps; each, and the whole, may be a template.
func (r *reader) environment(p source.Pair) (out []any) {
	for _, n := range r.list(p) {
		switch v := r.value(n).(type) {
		case map[string]any, *template.Text:
			out = append(out, v)
		default:
			r.wrong(p, n, "a map")
		}
	}
	return out
}

// choice is the word under key, the first of allowed if it is not there.
func (r *reader) choice(pairs []source.Pair, key string, allowed ...string) string {
	p := pair(pairs, key)
	if p == nil {
		return allowed[0]
	}
	v := canonical(r.word(*p))
	if !slices.Contains(allowed, v) {
		r.failAt(p.Value, "value not allowed", fmt.Sprintf("%s %q", key, v), oneOf(v, allowed))
	}
	return v
}
