package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory/hostname"
)

// builder collects hosts and groups while sources are read; finish derives the
// rest. The readers of all formats go through it.
type builder struct {
	in       *Inventory
	source   string // the file that is being read; "" for a list of hosts
	deferred []deferredChild
	orphans  []orphanVars
	problems diag.List
}

// deferredChild is a child group that is named before it is declared.
type deferredChild struct {
	parent *Group
	name   string
	pos    diag.Pos
}

// orphanVars are variables of a group that must yet be declared.
type orphanVars struct {
	group *Group
	pos   diag.Pos
}

func newBuilder() *builder {
	b := &builder{in: &Inventory{hosts: map[string]*Host{}, groups: map[string]*Group{}, local: map[string]*Host{}}}
	all, ungrouped := b.group(All, diag.Pos{}), b.group(Ungrouped, diag.Pos{})
	all.declared, ungrouped.declared = true, true
	b.child(all, ungrouped, diag.Pos{})
	return b
}

// group finds or makes the group of that name.
func (b *builder) group(name string, pos diag.Pos) *Group {
	g, ok := b.in.groups[name]
	if !ok {
		g = &Group{Name: name, Priority: 1, Vars: Vars{}, edges: map[*Group]diag.Pos{}}
		b.in.groups[name] = g
		b.in.ordered = append(b.in.ordered, g)
	}
	if g.Pos == (diag.Pos{}) {
		g.Pos = pos
	}
	return g
}

// child makes c a child of g. Loops are looked for at the end.
func (b *builder) child(g, c *Group, pos diag.Pos) {
	if _, is := g.edges[c]; is {
		return
	}
	switch {
	case g == c:
		b.fail(pos, "group inside itself", strconv.Quote(g.Name), "")
		return
	case c.Name == All:
		b.fail(pos, "group inside itself", fmt.Sprintf("%q is a child of %q, which is in %q", All, g.Name, All), "")
		return
	}
	g.edges[c] = pos
	g.Children = append(g.Children, c)
	c.Parents = append(c.Parents, g)
}

// addHosts adds the hosts that pattern stands for to g, with vars.
func (b *builder) addHosts(g *Group, pattern string, pos diag.Pos, vars Vars) {
	name, port, _ := hostname.Split(pattern)
	names, err := hostname.Expand(name)
	if err != nil {
		b.fail(pos, "invalid host range", fmt.Sprintf("%q: %v", pattern, err), "")
		return
	}
	for _, n := range names {
		if strings.TrimSpace(n) == "" {
			b.fail(pos, "host without a name", strconv.Quote(pattern), "")
			return
		}
		h := b.host(n, pos)
		b.join(h, g)
		if _, is := h.Vars["ansible_port"]; port > 0 && !is {
			h.Vars["ansible_port"] = Var{port, pos}
		}
		for name, v := range vars {
			h.Vars[name] = v
		}
	}
}

// host finds or makes the host of that name.
func (b *builder) host(name string, pos diag.Pos) *Host {
	h, ok := b.in.hosts[name]
	if !ok {
		h = &Host{Name: name, Pos: pos, Source: b.source, Vars: Vars{}}
		b.in.hosts[name] = h
		b.in.met = append(b.in.met, h)
	}
	return h
}

func (b *builder) join(h *Host, g *Group) {
	if !slices.Contains(h.direct, g) {
		h.direct = append(h.direct, g)
		g.Direct = append(g.Direct, h)
	}
}

// setVar sets a variable of g.
func (b *builder) setVar(g *Group, name string, v Var) {
	if name != "ansible_group_priority" {
		g.Vars[name] = v
		return
	}
	n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(v.Value)))
	if err != nil {
		b.fail(v.Pos, "invalid group priority", fmt.Sprintf("%v of %q is not a whole number", v.Value, g.Name), "")
		return
	}
	g.Priority = n
}

func (b *builder) fail(pos diag.Pos, summary, detail, hint string) {
	b.problems = append(b.problems, diag.Diagnostic{Pos: pos, Summary: summary, Detail: detail, Hint: hint})
}

func (b *builder) warn(pos diag.Pos, summary, detail, hint string) {
	b.in.warnings = append(b.in.warnings, diag.Diagnostic{Pos: pos, Summary: summary, Detail: detail, Hint: hint})
}

// finish derives what follows from all sources together: orders, depths and
// memberships.
func (b *builder) finish() {
	b.imply()
	b.resolveDeferred()
	all, ungrouped := b.in.groups[All], b.in.groups[Ungrouped]
	for _, g := range b.in.ordered {
		if g != all && len(g.Parents) == 0 {
			b.child(all, g, g.Pos)
		}
	}
	b.sortOutUngrouped(all, ungrouped)
	order := b.cutLoops()
	for i := len(order) - 1; i >= 0; i-- {
		for _, c := range order[i].Children {
			c.Depth = max(c.Depth, order[i].Depth+1)
		}
	}
	for _, g := range b.in.ordered {
		g.Hosts = g.collectHosts()
	}
	b.memberships()
	b.addLocalhost(all)
	b.warnOfConflicts()
}

// imply declares the groups of a cluster that its inventory need not have, as
// kubespray's playbooks make them before they look for variables: whole, and the
// parts without hosts. Patterns of playbooks can then name them all.
func (b *builder) imply() {
	const whole = "k8s_cluster"
	given := func(name string) bool { g, ok := b.in.groups[name]; return ok && g.declared }
	parts := []string{"kube_control_plane", "kube_node", "calico_rr"}
	some, complete := slices.ContainsFunc(parts, given), given(whole)
	if !some && !complete {
		return
	}
	for _, name := range append(parts[:2:2], "etcd", "loadbalancer", whole) {
		if !given(name) {
			g := b.group(name, diag.Pos{})
			g.declared, g.implied = true, true
		}
	}
	for _, part := range parts {
		if !complete && given(part) {
			c := b.in.groups[part]
			b.child(b.in.groups[whole], c, c.Pos)
		}
	}
}

func (b *builder) resolveDeferred() {
	for _, d := range b.deferred {
		if c, ok := b.in.groups[d.name]; ok && c.declared {
			b.child(d.parent, c, d.pos)
			continue
		}
		b.fail(d.pos, "unknown group", fmt.Sprintf("%q is named as a child of %q, but nothing declares it", d.name, d.parent.Name), b.suggestGroup(d.name))
	}
	for _, o := range b.orphans {
		if !o.group.declared {
			b.fail(o.pos, "unknown group", fmt.Sprintf("%q has variables, but nothing declares it", o.group.Name), b.suggestGroup(o.group.Name))
		}
	}
}

func (b *builder) suggestGroup(name string) string {
	var names []string
	for _, g := range b.in.ordered {
		if g.declared {
			names = append(names, g.Name)
		}
	}
	if hint := diag.Suggest(name, names); hint != "" {
		return hint
	}
	return fmt.Sprintf("declare it with a section [%s]", name)
}

// sortOutUngrouped puts into "ungrouped" exactly the hosts of no other group.
func (b *builder) sortOutUngrouped(all, ungrouped *Group) {
	for _, h := range b.in.met {
		grouped := slices.ContainsFunc(h.direct, func(g *Group) bool { return g != all && g != ungrouped })
		if !grouped {
			b.join(h, ungrouped)
		} else if i := slices.Index(h.direct, ungrouped); i >= 0 {
			h.direct = slices.Delete(h.direct, i, i+1)
		}
	}
	ungrouped.Direct = slices.DeleteFunc(ungrouped.Direct, func(h *Host) bool { return !slices.Contains(h.direct, ungrouped) })
}

func (b *builder) warnOfConflicts() {
	for _, g := range b.in.ordered {
		if h, ok := b.in.hosts[g.Name]; ok {
			b.warn(h.Pos, "name of a host and of a group", strconv.Quote(g.Name), "a pattern with this name means the host")
		}
	}
}

// byPrecedence orders groups such that the variables of a later one win.
func byPrecedence(a, b *Group) int {
	return cmp.Or(cmp.Compare(a.Depth, b.Depth), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
}
