package inventory

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
)

// yamlReader reads one YAML inventory. JSON is YAML too.
type yamlReader struct {
	*loader
	f      *source.File
	inside map[*yaml.Node]bool // groups that are being read: an alias may lead back to one
	budget int                 // how many more groups and hosts may be read, each as often as aliases repeat it
}

// mostEntries is how many groups and hosts one YAML inventory may have.
const mostEntries = 1_000_000

// yaml reads an inventory in Ansible's YAML format, or JSON as executable
// inventories print it.
func (l *loader) yaml(path string, data []byte) {
	if isListing(data) {
		r := &listing{loader: l, path: path, text: l.fileText(path)}
		r.read(data)
		return
	}
	f, err := source.Parse(path, data)
	if err != nil {
		l.problems.Add(diag.Pos{File: path}, err)
		return
	}
	doc, err := f.Doc()
	if err != nil {
		l.problems.Add(diag.Pos{File: path}, err)
		return
	}
	r := &yamlReader{loader: l, f: f, inside: map[*yaml.Node]bool{}, budget: mostEntries}
	r.document(doc)
}

func (r *yamlReader) document(doc *yaml.Node) {
	if source.IsNull(doc) {
		return
	}
	at := r.f.Pos(doc)
	switch {
	case isPlaybook(doc):
		r.fail(at, "not an inventory", "it is a playbook", "the inventory goes after -i, the playbook without an option")
		return
	case doc.Kind != yaml.MappingNode:
		r.fail(at, "not an inventory", "it is "+source.Describe(doc)+", not a map of groups", `begin with "all:", then "hosts:" below it`)
		return
	}
	for _, p := range r.pairs(doc, "group name is not text") {
		switch p.Key {
		case "plugin":
			r.fail(p.At, "inventory plugins are not supported", source.Describe(p.Value), "save what ansible-inventory --list prints and use that file")
			return
		case "hosts", "children", "vars":
			r.fail(p.At, "key outside a group", strconv.Quote(p.Key), `put it below "all:"`)
		default:
			r.group(p)
		}
	}
}

// isPlaybook tells whether doc is a list of plays.
func isPlaybook(doc *yaml.Node) bool {
	if doc.Kind != yaml.SequenceNode || len(doc.Content) == 0 {
		return false
	}
	play := source.Resolve(doc.Content[0])
	return play.Kind == yaml.MappingNode && slices.ContainsFunc(play.Content, func(n *yaml.Node) bool {
		return slices.Contains([]string{"hosts", "tasks", "roles", "import_playbook", "ansible.builtin.import_playbook"}, n.Value)
	})
}

// group reads name: {hosts, children, vars}. It is nil if it is no group.
func (r *yamlReader) group(p source.Pair) *Group {
	g := r.builder.group(p.Key, p.At)
	g.declared = true
	n := source.Resolve(p.Value)
	switch {
	case source.IsNull(n):
		return g
	case n.Kind != yaml.MappingNode:
		r.fail(r.f.Pos(n), "group is not a map", fmt.Sprintf("%q is %s", p.Key, source.Describe(n)), `a group has "hosts", "children" and "vars"`)
		return nil
	case r.inside[n]:
		r.fail(p.At, "group inside itself", strconv.Quote(p.Key), "")
		return nil
	}
	r.inside[n] = true
	for _, part := range r.pairs(n, "") {
		r.part(g, part)
	}
	delete(r.inside, n)
	return g
}

// part reads one key of a group.
func (r *yamlReader) part(g *Group, p source.Pair) {
	switch p.Key {
	case "vars":
		if r.isMap(p) {
			vars := r.vars(p.Value)
			for _, name := range slices.Sorted(maps.Keys(vars)) {
				r.setVar(g, name, vars[name])
			}
		}
	case "children":
		for _, c := range r.entries(p, "group name is not text") {
			if child := r.group(c); child != nil {
				r.child(g, child, c.At)
			}
		}
	case "hosts":
		for _, h := range r.entries(p, "host name is not text") {
			r.host(g, h)
		}
	default:
		hint := diag.Suggest(p.Key, []string{"hosts", "children", "vars"})
		if hint == "" {
			hint = `a group has "hosts", "children" and "vars"; other groups go below "children"`
		}
		r.fail(p.At, "unknown key in a group", fmt.Sprintf("%q in %q", p.Key, g.Name), hint)
	}
}

func (r *yamlReader) host(g *Group, p source.Pair) {
	if !source.IsNull(p.Value) && p.Value.Kind != yaml.MappingNode {
		r.fail(r.f.Pos(p.Value), "variables are not a map", fmt.Sprintf("those of host %q are %s", p.Key, source.Describe(p.Value)), "")
		return
	}
	if strings.HasSuffix(p.Key, ":") {
		r.fail(p.At, "invalid host name", fmt.Sprintf("%q ends in a colon", p.Key), "")
		return
	}
	r.addHosts(g, p.Key, p.At, r.vars(p.Value))
}

// entries are the pairs below "hosts" or "children". A single name stands for
// one without variables.
func (r *yamlReader) entries(p source.Pair, notText string) []source.Pair {
	if n := p.Value; n != nil && n.Kind == yaml.ScalarNode && isText(n) && n.Value != "" {
		return []source.Pair{{Key: n.Value, At: r.f.Pos(n)}}
	}
	if !r.isMap(p) {
		return nil
	}
	return r.pairs(p.Value, notText)
}

func (r *yamlReader) isMap(p source.Pair) bool {
	if source.IsNull(p.Value) || p.Value.Kind == yaml.MappingNode {
		return true
	}
	hint := ""
	if p.Value.Kind == yaml.SequenceNode {
		hint = `write "name:" instead of "- name"`
	}
	r.fail(r.f.Pos(p.Value), "not a map", fmt.Sprintf("%q is %s", p.Key, source.Describe(p.Value)), hint)
	return false
}

// pairs are the keys of n with their values. Unless notText is empty, it is the
// problem of a key such as 10 or true.
func (r *yamlReader) pairs(n *yaml.Node, notText string) []source.Pair {
	if r.budget < 0 {
		return nil
	}
	pairs, err := r.f.Pairs(n)
	r.problems.Add(r.f.Pos(n), err)
	if r.budget -= len(pairs); r.budget < 0 {
		r.fail(r.f.Pos(n), "aliases stand for too much", fmt.Sprintf("more than %d groups and hosts", mostEntries), "")
		return nil
	}
	if notText == "" || source.IsNull(n) {
		return pairs
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := source.Resolve(n.Content[i]); k.Kind == yaml.ScalarNode && !isText(k) {
			r.fail(r.f.Pos(k), notText, k.Value, fmt.Sprintf("quote it: %q", k.Value))
		}
	}
	return pairs
}

// isText tells whether YAML reads the scalar n as text, or as something that can
// only be meant as text.
func isText(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		return false
	}
	return true
}

// vars decodes a map of variables.
func (r *yamlReader) vars(n *yaml.Node) Vars { return r.decodeVars(r.f, n) }

// decodeVars decodes the map n of f, each variable with its place.
func (l *loader) decodeVars(f *source.File, n *yaml.Node) Vars {
	pairs, err := f.Pairs(n)
	l.problems.Add(f.Pos(n), err)
	vars := make(Vars, len(pairs))
	for _, p := range pairs {
		v, err := f.Decode(p.Value, l.options.Hooks)
		l.problems.Add(p.At, err)
		vars[p.Key] = Var{v, p.At}
	}
	return vars
}
