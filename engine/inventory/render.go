package inventory

import (
	"encoding"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
)

// Listing says what a rendering of the inventory shows.
type Listing struct {
	Limit  *Selection // only these hosts; nil for all
	Export bool       // variables where they are set, not the merged ones of each host
}

// HostVars are the variables of h merged by precedence, templates as they are
// written, and secrets masked.
func (in *Inventory) HostVars(h *Host) map[string]any {
	return shown(in.Layers(h), func(Layer) bool { return true })
}

// GroupVars are the variables that the inventory and the files beside it set for
// g itself.
func (in *Inventory) GroupVars(g *Group) map[string]any {
	layers := []Layer{{FileGroupVars, g.Name, g.Vars}}
	for _, d := range in.dirs() {
		layers = append(layers, Layer{GroupVars, g.Name, d.groups[g.Name]})
	}
	vars := shown(layers, func(Layer) bool { return true })
	if g.Priority != 1 {
		vars["ansible_group_priority"] = g.Priority
	}
	return vars
}

func (in *Inventory) dirs() []*varsDir {
	if in.playbook == nil {
		return in.beside
	}
	return append(slices.Clip(in.beside), in.playbook)
}

// listedVars are the variables to show for h.
func (in *Inventory) listedVars(h *Host, l Listing) map[string]any {
	return shown(in.Layers(h), func(layer Layer) bool { return !l.Export || layer.Level >= FileHostVars })
}

// shown merges the layers that are wanted into values that any encoder can write.
func shown(layers []Layer, want func(Layer) bool) map[string]any {
	out := map[string]any{}
	for _, l := range layers {
		if want(l) {
			for name, v := range l.Vars {
				out[name] = encodable(v.Value)
			}
		}
	}
	return out
}

// encodable is v with what stands for text (a template, a secret) as the text to
// show.
func encodable(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = encodable(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = encodable(v[k])
		}
		return out
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return string(text)
		}
	case fmt.Stringer:
		return v.String()
	}
	return v
}

// wanted tells whether h is to be shown.
func (l Listing) wanted() func(h *Host) bool {
	if l.Limit == nil {
		return func(*Host) bool { return true }
	}
	is := make(map[*Host]bool, len(l.Limit.Hosts))
	for _, h := range l.Limit.Hosts {
		is[h] = true
	}
	return func(h *Host) bool { return is[h] }
}

// List is the inventory as executable inventories print it: groups with their
// hosts and children, and "_meta" with the variables of all hosts. Empty groups
// are left out.
func (in *Inventory) List(l Listing) map[string]any {
	wanted := l.wanted()
	out, vars := map[string]any{}, map[string]any{}
	for _, g := range in.ordered {
		entry := map[string]any{}
		if hosts := hostNames(g, wanted); len(hosts) > 0 && g.Name != All {
			entry["hosts"] = hosts
		}
		if len(g.Children) > 0 {
			entry["children"] = groupNames(g.Children)
		}
		if own := in.GroupVars(g); l.Export && len(own) > 0 {
			entry["vars"] = own
		}
		if len(entry) > 0 {
			out[g.Name] = entry
		}
	}
	for _, h := range in.Hosts() {
		if own := in.listedVars(h, l); wanted(h) && len(own) > 0 {
			vars[h.Name] = own
		}
	}
	out["_meta"] = map[string]any{"hostvars": vars}
	return out
}

func hostNames(g *Group, wanted func(*Host) bool) (names []string) {
	for _, h := range g.Direct {
		if wanted(h) {
			names = append(names, h.Name)
		}
	}
	return names
}

func groupNames(groups []*Group) []string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	return names
}

// Tree is the inventory as a YAML inventory has it: groups inside groups. The
// variables of a host and the content of a group are there once only.
func (in *Inventory) Tree(l Listing) map[string]any {
	t := &tree{in: in, listing: l, wanted: l.wanted(), hosts: map[*Host]bool{}, groups: map[*Group]bool{}}
	return map[string]any{All: t.group(in.groups[All])}
}

type tree struct {
	in      *Inventory
	listing Listing
	wanted  func(*Host) bool
	hosts   map[*Host]bool
	groups  map[*Group]bool
}

func (t *tree) group(g *Group) map[string]any {
	out := map[string]any{}
	if t.groups[g] {
		return out
	}
	t.groups[g] = true
	children, hosts := map[string]any{}, map[string]any{}
	for _, c := range g.Children {
		again := t.groups[c]
		if entry := t.group(c); len(entry) > 0 || again {
			children[c.Name] = entry
		}
	}
	for _, h := range g.Direct {
		if g.Name == All || !t.wanted(h) {
			continue
		}
		hosts[h.Name] = map[string]any{}
		if !t.hosts[h] {
			t.hosts[h] = true
			hosts[h.Name] = t.in.listedVars(h, t.listing)
		}
	}
	vars := map[string]any{}
	if t.listing.Export {
		vars = t.in.GroupVars(g)
	}
	for key, part := range map[string]map[string]any{"children": children, "hosts": hosts, "vars": vars} {
		if len(part) > 0 {
			out[key] = part
		}
	}
	return out
}

// Graph draws the group of that name with the groups and hosts below it, one on
// each line, and with their variables if vars is set. An unknown group is a
// diag.Diagnostic without a place.
func (in *Inventory) Graph(group string, vars bool) (string, error) {
	g, ok := in.groups[group]
	if !ok {
		hint := diag.Suggest(group, groupNames(in.ordered))
		return "", diag.Diagnostic{Summary: "unknown group", Detail: fmt.Sprintf("%q", group), Hint: hint}
	}
	var sb strings.Builder
	in.draw(&sb, g, 0, vars)
	return sb.String(), nil
}

func (in *Inventory) draw(sb *strings.Builder, g *Group, depth int, vars bool) {
	drawLine(sb, depth, "@"+g.Name+":")
	for _, c := range g.Children {
		if !c.implied || len(c.Hosts) > 0 {
			in.draw(sb, c, depth+1, vars)
		}
	}
	if g.Name != All {
		for _, h := range g.Direct {
			drawLine(sb, depth+1, h.Name)
			if vars {
				drawVars(sb, depth+2, in.HostVars(h))
			}
		}
	}
	if vars {
		drawVars(sb, depth+1, in.GroupVars(g))
	}
}

func drawVars(sb *strings.Builder, depth int, vars map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		drawLine(sb, depth, fmt.Sprintf("{%s = %v}", name, vars[name]))
	}
}

func drawLine(sb *strings.Builder, depth int, text string) {
	if depth > 0 {
		text = strings.Repeat("  |", depth) + "--" + text
	}
	sb.WriteString(text + "\n")
}
