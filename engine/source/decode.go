package source

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"gopkg.in/yaml.v3"
)

// Hooks say what becomes of text. The zero Hooks leave strings as they are and
// refuse local tags.
type Hooks struct {
	Text func(Scalar) any          // the value of a string
	Tag  func(Scalar) (any, error) // the value of a scalar with a local tag, such as !vault
}

// most is how many values the aliases of one decoded node may stand for.
const most = 100_000

// Decode is the value of n: map[string]any, []any, string (or what Hooks.Text
// makes of it), int, float64, bool, or nil. !unsafe text is not given to Text.
// The error is a diag.List of all that is wrong; the value beside it lacks what
// is wrong. n must be a node of f, or nil.
func (f *File) Decode(n *yaml.Node, h Hooks) (any, error) {
	d := &decoding{f: f, hooks: h, budget: most, active: map[*yaml.Node]bool{}}
	v := d.value(n)
	return v, d.problems.Err()
}

type decoding struct {
	f        *File
	hooks    Hooks
	budget   int
	depth    int                 // of aliases
	active   map[*yaml.Node]bool // collections being decoded
	problems diag.List
}

func (d *decoding) value(n *yaml.Node) any {
	if n != nil && n.Kind == yaml.AliasNode {
		d.depth++
		defer func() { d.depth-- }()
		n = Resolve(n)
	}
	if IsNull(n) || !d.afford(n) {
		return nil
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return d.scalar(n)
	case yaml.SequenceNode:
		d.checkTag(n, "!!seq")
		out := make([]any, 0, len(n.Content))
		for _, e := range n.Content {
			out = append(out, d.value(e))
		}
		delete(d.active, n)
		return out
	}
	d.checkTag(n, "!!map")
	out := d.mapping(n)
	delete(d.active, n)
	return out
}

// afford tells whether n may be decoded: not inside itself, and not as the
// millionth copy of an alias.
func (d *decoding) afford(n *yaml.Node) bool {
	if d.budget < 0 {
		return false
	}
	if d.active[n] {
		d.fail(n, "alias inside its own anchor", "*"+n.Anchor)
		return false
	}
	if d.depth > 0 {
		if d.budget--; d.budget < 0 {
			d.fail(n, "aliases stand for too much", fmt.Sprintf("more than %d values", most))
			return false
		}
	}
	if n.Kind != yaml.ScalarNode {
		d.active[n] = true
	}
	return true
}

func (d *decoding) mapping(n *yaml.Node) map[string]any {
	pairs, err := d.f.Pairs(n)
	d.problems.Add(d.f.Pos(n), err)
	out := make(map[string]any, len(pairs))
	for _, p := range pairs {
		if p.Merge {
			d.depth++
		}
		out[p.Key] = d.value(p.Value)
		if p.Merge {
			d.depth--
		}
	}
	return out
}

func (d *decoding) scalar(n *yaml.Node) any {
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if n.Style&yaml.TaggedStyle == 0 && !quoted {
		if v, ok := plain(n.Value); ok {
			return v
		}
		return d.text(n)
	}
	if n.Style&yaml.TaggedStyle == 0 || n.Tag == "!!str" {
		return d.text(n)
	}
	return d.tagged(n)
}

func (d *decoding) tagged(n *yaml.Node) any {
	switch n.Tag {
	case "!unsafe":
		return n.Value
	case "!!int", "!!float", "!!bool", "!!null", "!!binary":
		v, ok := tagged(n.Tag, n.Value)
		if !ok {
			d.fail(n, "value does not fit its tag", fmt.Sprintf("%s %q", n.Tag, n.Value))
		}
		return v
	}
	if d.hooks.Tag == nil || strings.HasPrefix(n.Tag, "!!") {
		d.fail(n, "unknown tag", n.Tag)
		return nil
	}
	s := d.f.Scalar(n)
	v, err := d.hooks.Tag(s)
	d.problems.Add(s.At, err)
	return v
}

func (d *decoding) text(n *yaml.Node) any {
	if d.hooks.Text == nil {
		return n.Value
	}
	s := d.f.Scalar(n)
	s.Tag = "!!str"
	return d.hooks.Text(s)
}

func (d *decoding) checkTag(n *yaml.Node, want string) {
	if n.Style&yaml.TaggedStyle != 0 && n.Tag != want {
		d.fail(n, "unknown tag", n.Tag)
	}
}

func (d *decoding) fail(n *yaml.Node, summary, detail string) {
	d.problems = append(d.problems, diag.Diagnostic{Pos: d.f.Pos(n), Summary: summary, Detail: detail})
}
