package runner

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// shortest is the length below which a secret is not looked for: it would be
// found everywhere and hide nothing.
const shortest = 3

// mask replaces secrets in text.
type mask struct{ words *strings.Replacer }

// newMask masks the secrets of q, and those that r brings back.
func newMask(q *wire.Request, r *wire.Result) mask {
	found := map[string]bool{}
	for _, s := range q.Secrets {
		add(found, s)
	}
	collect(found, q.Args)
	collect(found, r.Output)
	add(found, q.Become.Password)
	pairs := make([]string, 0, 2*len(found))
	// Backwards: where one begins with another, it comes before that, or what is left of
	// it would show.
	for _, w := range slices.Backward(slices.Sorted(maps.Keys(found))) {
		pairs = append(pairs, w, secret.Mask)
	}
	if len(pairs) == 0 {
		return mask{}
	}
	return mask{strings.NewReplacer(pairs...)}
}

// collect finds the secrets at or below v.
func collect(found map[string]bool, v any) {
	switch v := v.(type) {
	case secret.String:
		add(found, v)
	case module.Expression:
		collect(found, v.Value)
	case []any:
		for _, e := range v {
			collect(found, e)
		}
	case map[string]any:
		for _, e := range v {
			collect(found, e)
		}
	}
}

// add notes s in the forms in which it shows up: as it is, as a line of a command's
// output, and quoted as a shell or Go would.
func add(found map[string]bool, s secret.String) {
	text := strings.TrimRight(s.Reveal(), "\r\n")
	if len(text) < shortest {
		return
	}
	quoted := strconv.Quote(text)
	found[text], found[quoted[1:len(quoted)-1]] = true, true
	found[strings.ReplaceAll(text, "'", `'\''`)] = true
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= 8 {
			found[line] = true
		}
	}
}

func (m mask) text(s string) string {
	if m.words == nil || s == "" {
		return s
	}
	return m.words.Replace(s)
}

// result masks all texts of r. Secrets that a module gives as such stay: they are
// masked wherever they are shown.
func (m mask) result(r *wire.Result) {
	if m.words == nil {
		return
	}
	r.Note, r.Next, r.Bug = m.text(r.Note), m.text(r.Next), m.text(r.Bug)
	if r.Unknown != nil {
		r.Unknown = &unknown.Value{Why: m.text(r.Unknown.Why)}
	}
	if e := r.Err; e != nil {
		e.Text, e.Stdout, e.Stderr = m.text(e.Text), m.text(e.Stdout), m.text(e.Stderr)
	}
	for i := range r.Changes {
		m.change(&r.Changes[i])
	}
	r.Output, _ = m.value(r.Output).(map[string]any)
}

// change masks both sides of c if one of them holds a secret: the difference would
// tell of it.
func (m mask) change(c *change.Change) {
	c.Target, c.Doubt = m.text(c.Target), m.text(c.Doubt)
	if m.holds(c.Before) || m.holds(c.After) {
		c.Before, c.After = hidden(c.Before), hidden(c.After)
	}
}

func (m mask) holds(v *change.Value) bool {
	if v == nil {
		return false
	}
	return v.Text != nil && m.text(*v.Text) != *v.Text ||
		slices.ContainsFunc(v.Attrs, func(a change.Attr) bool { return m.text(a.Value) != a.Value })
}

// hidden is v with nothing left but its shape.
func hidden(v *change.Value) *change.Value {
	if v == nil {
		return nil
	}
	out := &change.Value{Secret: true}
	for _, a := range v.Attrs {
		out.Attrs = append(out.Attrs, change.Attr{Name: a.Name, Value: secret.Mask})
	}
	if v.Text != nil {
		text := secret.Mask
		out.Text = &text
	}
	return out
}

// value is v with its texts masked.
func (m mask) value(v any) any {
	switch v := v.(type) {
	case string:
		return m.text(v)
	case []byte:
		return []byte(m.text(string(v)))
	case unknown.Value:
		return unknown.Value{Why: m.text(v.Why)}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = m.value(v[i])
		}
		return out
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for k := range v {
			out[m.text(k)] = m.value(v[k])
		}
		return out
	case nil, bool, int, float64, secret.String, module.Pending:
		return v
	}
	return m.typed(v)
}

// typed is value for types of a module's own, which become plain.
func (m mask) typed(v any) any {
	b, err := wire.AppendValue(context.Background(), nil, v, nil)
	if err != nil {
		return v // and cannot be sent
	}
	plain, err := wire.DecodeValue(b, nil)
	if err != nil || reflect.TypeOf(plain) == reflect.TypeOf(v) {
		return v
	}
	return m.value(plain)
}
