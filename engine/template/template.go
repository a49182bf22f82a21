// Package template evaluates Go templates over variables of which some are not
// known yet and some are secret. It knows no hosts, tasks or modules.
//
// # The rule
//
// An evaluation that reads an unknown value has that unknown as its result; one
// that does not has the same result whatever the unknown turns out to be.
// Reading means navigating to it, printing it, or handing it, or a container
// holding it, to a function. Stepping past it does not: a known sibling in the
// same map, an untaken branch, an operand after `and` or `or` was decided.
//
// In the same way an evaluation that reads a secret gives secret text: every
// string in its result is a secret.String. Numbers and bools are what a secret
// decides and stay as they are.
//
// # Decisions
//
// text/template would take an unknown for a true struct in `if` and print it.
// So the parse tree is rewritten before it runs: every field, variable and dot
// becomes a call of our own lookup, every function argument goes through force,
// and the result of every action through show. The lookup stops the execution at
// an unknown with an error that becomes a value again at the end; there is no
// path from data to an expression around it. The same lookup gives lazy
// variables, cycle detection, and errors that name the nearest variable.
//
// A Text is parsed once. Its functions are bound to one evaluation at a time, so
// each Text keeps a few prepared copies of itself, with none but the functions
// that it calls: binding anew costs more than the evaluation.
package template

import (
	"regexp"
	"strings"
	"sync"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template/jinja"
)

// Text is a string from YAML or a template file that holds template actions.
// Only a *Text is ever evaluated: strings from hosts stay strings. It is parsed
// at its first use and may be used by many goroutines; it must not be copied.
type Text struct {
	Src   string
	At    diag.Pos // of the first character of Src if Exact, else of the whole
	Exact bool     // every line of Src begins in the column of At

	// Secret says that Src came encrypted: all text made of it is secret, and it is
	// not shown.
	Secret bool

	form form
	once sync.Once
	prog *program
	err  error
}

type form int

const (
	value form = iota // one single action keeps its type
	bare              // a pipeline without braces
	file              // always gives a string
)

// open is what stands before a bare pipeline when it is parsed.
const open = "{{ "

// Mark turns every string in x that holds an action into a *Text. It is for
// what was read from YAML, and for nothing else. x is not changed. Where the
// place of each string is known, FromScalar is better.
func Mark(x any, at diag.Pos) any {
	switch x := x.(type) {
	case string:
		if isTemplate(x) {
			return &Text{Src: x, At: at}
		}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = Mark(x[i], at)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			out[k] = Mark(x[k], at)
		}
		return out
	}
	return x
}

// FromScalar is s as a *Text if it holds an action, else as a string. It is made
// for source.Hooks.Text.
func FromScalar(s source.Scalar) any {
	if isTemplate(s.Value) {
		return &Text{Src: s.Value, At: s.At, Exact: s.Exact}
	}
	return s.Value
}

// Pipeline is a pipeline without braces, as conditions are written. at is the
// place of the whole.
func Pipeline(text string, at diag.Pos) *Text { return &Text{Src: text, At: at, form: bare} }

// PipelineFrom is Pipeline with the exact place of each character.
func PipelineFrom(s source.Scalar) *Text {
	return &Text{Src: s.Value, At: s.At, Exact: s.Exact, form: bare}
}

// IsName reports whether text is the name of a variable, or of an element of one,
// as people write it who need no dot before it: facts.os.
func IsName(text string) bool { return variableName.MatchString(text) }

var variableName = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

// File is the template file called name. It always gives a string: the content
// byte for byte, but for its actions.
func File(name string, data []byte) *Text {
	return &Text{Src: string(data), At: diag.Pos{File: name, Line: 1, Col: 1}, Exact: true, form: file}
}

// Check parses every *Text in x and looks for unknown functions, wrong numbers of
// arguments and Jinja. The error is a diag.List with all that is wrong, each with
// its place.
func Check(x any) error {
	var problems diag.List
	check(x, &problems)
	return problems.Err()
}

func check(x any, problems *diag.List) {
	switch x := x.(type) {
	case *Text:
		_, err := x.program()
		problems.Add(x.At, err)
	case []any:
		for _, e := range x {
			check(e, problems)
		}
	case map[string]any:
		for _, e := range x {
			check(e, problems)
		}
	}
}

func isTemplate(s string) bool { return strings.Contains(s, "{{") || jinja.Statement(s) >= 0 }

// String is t as it is written, or a mask if that is secret.
func (t *Text) String() string {
	if t.Secret {
		return secret.Mask
	}
	return t.Src
}

// GoString is String, for %#v.
func (t *Text) GoString() string { return t.String() }

// program is t parsed and rewritten; it is made once.
func (t *Text) program() (*program, error) {
	t.once.Do(func() { t.prog, t.err = compile(t) })
	return t.prog, t.err
}

// source is what is parsed.
func (t *Text) source() string {
	if t.form == bare {
		return open + t.Src + " }}"
	}
	return t.Src
}

// pos is the place of the byte at offset of source.
func (t *Text) pos(offset int) diag.Pos {
	if t.form == bare {
		offset -= len(open)
	}
	p := t.At
	if !t.Exact || p.Line == 0 || offset <= 0 {
		return p
	}
	before := t.Src[:min(offset, len(t.Src))]
	p.Line += strings.Count(before, "\n")
	p.Col += len(before) - strings.LastIndex(before, "\n") - 1
	return p
}
