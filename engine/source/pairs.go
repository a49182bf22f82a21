package source

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"gopkg.in/yaml.v3"
)

// Pair is one key of a mapping with its value.
type Pair struct {
	Key   string
	At    diag.Pos   // of the key
	Value *yaml.Node // never an alias
	Merge bool       // "<<" brought it in
}

// Pairs are the keys and values of the mapping n in the order of the file, then
// those that "<<" brings in. A nil or null n has none. The error is a diag.List;
// the pairs beside it are those that are sound.
func (f *File) Pairs(n *yaml.Node) ([]Pair, error) {
	p := &pairing{f: f, seen: map[string]diag.Pos{}, merged: map[*yaml.Node]bool{}}
	p.mapping(n, false)
	return p.pairs, p.problems.Err()
}

// Items are the elements of the sequence n, aliases resolved. A nil or null n
// has none; what is no sequence is an error.
func (f *File) Items(n *yaml.Node) ([]*yaml.Node, error) {
	n = Resolve(n)
	if IsNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, diag.Diagnostic{Pos: f.Pos(n), Summary: "not a list", Detail: "it is " + Describe(n)}
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, e := range n.Content {
		out[i] = Resolve(e)
	}
	return out, nil
}

// Resolve is n, or what it stands for if it is an alias.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// IsNull tells whether n is absent, null or empty.
func IsNull(n *yaml.Node) bool {
	n = Resolve(n)
	return n == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// Describe says what n is, for messages: a map, a list, or the text itself.
func Describe(n *yaml.Node) string {
	n = Resolve(n)
	switch {
	case IsNull(n):
		return "empty"
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	if len(n.Value) > 60 {
		return fmt.Sprintf("%q...", n.Value[:60])
	}
	return fmt.Sprintf("%q", n.Value)
}

// pairing collects the pairs of one mapping.
type pairing struct {
	f        *File
	pairs    []Pair
	seen     map[string]diag.Pos
	merged   map[*yaml.Node]bool // a mapping merged twice adds nothing
	problems diag.List
}

func (p *pairing) mapping(n *yaml.Node, merging bool) {
	n = Resolve(n)
	if IsNull(n) || p.merged[n] {
		return
	}
	p.merged[n] = true
	if n.Kind != yaml.MappingNode {
		p.fail(n, "not a map", "it is "+Describe(n), "")
		return
	}
	var merges []*yaml.Node
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := Resolve(n.Content[i]), Resolve(n.Content[i+1])
		if k.Tag == "!!merge" {
			merges = append(merges, v)
			continue
		}
		p.pair(k, v, merging, own)
	}
	for _, m := range merges {
		p.merge(m)
	}
}

func (p *pairing) pair(k, v *yaml.Node, merging bool, own map[string]bool) {
	if k.Kind != yaml.ScalarNode {
		p.complexKey(k)
		return
	}
	at := p.f.Pos(k)
	first, dup := p.seen[k.Value]
	switch {
	case own[k.Value]:
		p.fail(k, "key is there twice", fmt.Sprintf("%q, first at line %d", k.Value, first.Line), "")
	case !dup:
		p.seen[k.Value] = at
		p.pairs = append(p.pairs, Pair{k.Value, at, v, merging})
	case !merging:
		p.fail(k, "key is there twice", fmt.Sprintf("%q, first at line %d", k.Value, first.Line), "")
	}
	own[k.Value] = true
}

// merge adds the pairs of m, or of each mapping in the sequence m; what is
// already there wins.
func (p *pairing) merge(m *yaml.Node) {
	if m.Kind != yaml.SequenceNode {
		p.mapping(m, true)
		return
	}
	for _, e := range m.Content {
		p.mapping(e, true)
	}
}

// complexKey reports a key that is no scalar; most often it is a template
// without quotes, which YAML reads as a map in a map.
func (p *pairing) complexKey(k *yaml.Node) {
	if k.Kind == yaml.MappingNode && k.Style&yaml.FlowStyle != 0 {
		raw := p.f.text(k.Line)
		if at := p.f.Pos(k); at.Col > 1 && strings.HasPrefix(raw[at.Col-2:], "{{") {
			p.fail(k, "unquoted template", "", fmt.Sprintf("quote a value that starts with {{: '%s'", strings.TrimSpace(raw[at.Col-2:])))
			p.problems[len(p.problems)-1].Pos.Col--
			return
		}
	}
	p.fail(k, "key is not text", Describe(k), "")
}

func (p *pairing) fail(n *yaml.Node, summary, detail, hint string) {
	p.problems = append(p.problems, diag.Diagnostic{Pos: p.f.Pos(n), Summary: summary, Detail: detail, Hint: hint})
}
