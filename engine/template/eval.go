package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/template/funcs"
	"github.com/gokube/gokube/engine/unknown"
)

// Lazy is a map that is not there until it is asked: the variables of a task,
// or those of all hosts. Its values are maps, lists, scalars, *Text,
// secret.String, unknown.Value and other Lazies. A *Text found in a Lazy, however
// deep, is evaluated in that Lazy. It must be comparable, as a pointer is, and
// must not change while it is used.
type Lazy interface {
	Child(name string) (value any, ok bool)
	Keys() []string
}

// Vars are variables in a plain map. An evaluation does not change them.
type Vars map[string]any

// Child is the variable called name.
func (v Vars) Child(name string) (any, bool) {
	x, ok := v[name]
	return x, ok
}

// Keys are the names of all variables, sorted.
func (v Vars) Keys() []string { return slices.Sorted(maps.Keys(v)) }

// Limits of one evaluation.
const (
	mostSteps = 5_000_000 // lookups, values walked over, turns of loops
	mostDepth = 100       // variables that need each other
)

// Resolve replaces every *Text at or below x by its value in scope, and every
// Lazy by a map. A text that is one single action keeps the value's type, any
// other gives a string. What depends on an unknown is an unknown.Value and no
// error; a container keeps its unknown leaves. Lists and maps are copies, made of
// []any, map[string]any, string, secret.String, int, float64, bool, nil,
// unknown.Value and Omit alone. The error is a diag.Diagnostic.
func Resolve(scope Lazy, x any) (any, error) {
	return (&run{}).resolve(scope, x)
}

// Blank is Resolve with another text in the place of every secret: where its result
// differs from Resolve's, a secret shows through.
func Blank(scope Lazy, x any) (any, error) {
	return (&run{blank: true}).resolve(scope, x)
}

func (r *run) resolve(scope Lazy, x any) (any, error) {
	if v, ok := scope.(Vars); ok {
		scope = &v
	}
	r.frames = append(r.first[:0], frame{in: scope})
	v, err := r.walk(x, true)
	if f := (failure{}); errors.As(err, &f) {
		return nil, f.Diagnostic
	}
	return v, err
}

// run is one evaluation with the variables it pulls in.
type run struct {
	memo   map[key]any
	frames []frame // what is being evaluated, outermost first
	first  [4]frame
	steps  int
	blank  bool // no secret is what it is
}

// key names one text in one scope.
type key struct {
	text *Text
	in   Lazy
}

// frame is a text being evaluated.
type frame struct {
	text    *Text
	in      Lazy
	tainted bool // has read a secret
}

func (r *run) top() *frame { return &r.frames[len(r.frames)-1] }

func (r *run) eval(t *Text, in Lazy) (any, error) {
	k := key{t, in}
	if v, ok := r.memo[k]; ok {
		return v, nil
	}
	if err := r.enter(k); err != nil {
		return nil, err
	}
	v, err := r.execute(t, in)
	tainted := r.top().tainted
	r.frames = r.frames[:len(r.frames)-1]
	if u, ok := unknown.Of(err); ok {
		v, err = u, nil
	}
	if err != nil {
		return nil, located(err, t, tainted)
	}
	if tainted {
		v = secret.Hide(v)
	}
	if r.memo == nil {
		r.memo = map[key]any{}
	}
	r.memo[k] = v
	return v, nil
}

// enter opens a frame for k, unless it is already open.
func (r *run) enter(k key) error {
	for i, f := range r.frames {
		if f.text == k.text && f.in == k.in {
			return cycle(r.frames[i:], k.text)
		}
	}
	if len(r.frames) > mostDepth {
		return cycle(r.frames[len(r.frames)-5:], k.text)
	}
	r.frames = append(r.frames, frame{text: k.text, in: k.in, tainted: k.text.Secret})
	return nil
}

func (r *run) execute(t *Text, in Lazy) (any, error) {
	p, err := t.program()
	switch {
	case err != nil:
		return nil, err
	case p.literal:
		return t.Src, nil
	case p.path != nil:
		v, err := r.look(false, in, p.path)
		if err != nil {
			return nil, at(err, t.pos(p.offset))
		}
		v, err = r.walk(v, true)
		return v, at(err, t.pos(p.offset))
	}
	i, err := p.take(t)
	if err != nil {
		return nil, err
	}
	defer p.give(i)
	i.run = r
	out := output{}
	if err := i.exec(&out, in); err != nil {
		return nil, err
	}
	if p.native {
		return i.kept, nil
	}
	return out.String(), nil
}

// reveal is the text of a secret for an expression.
func (r *run) reveal(s secret.String) string {
	r.top().tainted = true
	text := s.Reveal()
	for r.blank && text == s.Reveal() {
		text = "YmxhbmsK" + text // base64, as secrets often are
	}
	return text
}

// tick counts a step and stops an evaluation that does not end.
func (r *run) tick() error {
	if r.steps++; r.steps > mostSteps {
		return diag.Diagnostic{Summary: "template does not end", Detail: fmt.Sprintf("more than %d steps", mostSteps)}
	}
	return nil
}

// output is text up to a limit.
type output struct{ strings.Builder }

// Write appends p, unless the text gets too big.
func (o *output) Write(p []byte) (int, error) {
	if err := fits(o.Len() + len(p)); err != nil {
		return 0, err
	}
	return o.Builder.Write(p)
}

func fits(size int) error {
	if size > funcs.MaxText {
		return diag.Diagnostic{Summary: "template prints too much", Detail: fmt.Sprintf("more than %d MiB", funcs.MaxText>>20)}
	}
	return nil
}

func cycle(frames []frame, again *Text) error {
	var names []string
	for _, f := range frames {
		if f.text != nil {
			names = append(names, short(f.text.String()))
		}
	}
	d := diag.Diagnostic{Summary: "variables that need each other", Detail: strings.Join(append(names, short(again.String())), " -> ")}
	d.Pos = again.At
	return failure{d}
}

// short is s as far as a message has room for it.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
