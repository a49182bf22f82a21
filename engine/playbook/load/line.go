package load

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook/load/kv"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"gopkg.in/yaml.v3"
)

// line reads arguments that are written as one text: name=value pairs, and what
// fills the module's free-form argument.
func (r *reader) line(a *arguments, s source.Scalar) {
	words, err := kv.Split(s.Value)
	if e := (*kv.Error)(nil); errors.As(err, &e) && a.spec.FreeForm == "" {
		r.fail(offset(s, e.Offset), "unbalanced quotes or braces", e.What, "")
		return
	} // in a free form it is a shell's own quoting
	free := source.Scalar{Value: s.Value, At: s.At, Exact: s.Exact}
	for i := len(words) - 1; i >= 0; i-- {
		w := words[i]
		switch {
		case isArgument(a.spec, w.Key):
			r.assign(a, w, s)
			free.Exact = free.Exact && strings.TrimSpace(free.Value[w.End:]) == ""
			free.Value = free.Value[:w.Start] + free.Value[w.End:]
		case a.spec.FreeForm == "":
			r.fail(offset(s, w.Start), "argument without a name", fmt.Sprintf("%q for module %s", w.Value, a.spec.Name), "write name=value")
		}
	}
	if a.spec.FreeForm != "" && strings.TrimSpace(free.Value) != "" {
		r.freeForm(a, free)
	}
}

// isArgument tells whether key= in a line is meant for the module, and not part
// of its free form.
func isArgument(spec *module.Spec, key string) bool {
	if spec.FreeForm == "" || key == "" {
		return key != ""
	}
	return key != spec.FreeForm && spec.Args.Field(key) != nil
}

// freeForm sets the argument that a plain text fills.
func (r *reader) freeForm(a *arguments, s source.Scalar) {
	start := len(s.Value) - len(strings.TrimLeft(s.Value, " \t\n"))
	s = part(s, start, len(strings.TrimRight(s.Value, " \t\n")))
	if _, twice := a.Values[a.spec.FreeForm]; twice {
		r.fail(s.At, "argument given twice", a.spec.FreeForm, "")
		return
	}
	a.Values[a.spec.FreeForm], a.At[a.spec.FreeForm] = r.text(s), s.At
}

func (r *reader) assign(a *arguments, w kv.Word, s source.Scalar) {
	at := offset(s, w.Start)
	if _, twice := a.Values[w.Key]; twice {
		r.fail(at, "argument given twice", w.Key, "")
		return
	}
	v := part(s, w.From, w.From)
	v.Value = w.Value
	a.Values[w.Key], a.At[w.Key] = r.text(v), at
}

// part is the piece of s between two offsets.
func part(s source.Scalar, from, to int) source.Scalar {
	return source.Scalar{Value: s.Value[from:to], Tag: s.Tag, At: offset(s, from), Exact: s.Exact}
}

// offset is the place of the byte at i of s, as near as it is known.
func offset(s source.Scalar, i int) diag.Pos {
	p := s.At
	if !s.Exact {
		return p
	}
	before := s.Value[:i]
	if n := strings.Count(before, "\n"); n > 0 {
		p.Line += n
		p.Col += len(before) - strings.LastIndex(before, "\n") - 1
		return p
	}
	p.Col += i
	return p
}

// pipeline is an argument that is an expression; it is checked and kept as text.
func (r *reader) pipeline(n *yaml.Node) any {
	v := r.plain(n)
	if text, ok := v.(string); ok && !template.IsName(text) {
		r.problems.Add(r.at(n), template.Check(template.PipelineFrom(r.f.Scalar(n))))
	}
	return v
}

// templated tells whether x is a template or holds one.
func templated(x any) bool {
	switch x := x.(type) {
	case *template.Text:
		return true
	case []any:
		for _, e := range x {
			if templated(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range x {
			if templated(e) {
				return true
			}
		}
	}
	return false
}
