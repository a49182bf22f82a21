package inventory

import (
	"fmt"
	"slices"
	"strings"
)

// cutLoops reports groups that contain themselves and cuts the loops. It returns
// the groups such that each comes after all of its children.
func (b *builder) cutLoops() []*Group {
	w := &walk{b: b, state: map[*Group]visit{}}
	for _, g := range b.in.ordered {
		w.group(g)
	}
	return w.done
}

type visit byte

const (
	unseen visit = iota
	open         // its descendants are being visited
	closed
)

// walk is a visit of all groups, depth first.
type walk struct {
	b     *builder
	state map[*Group]visit
	path  []*Group // from where the walk began to the current group
	done  []*Group
}

func (w *walk) group(g *Group) {
	if w.state[g] != unseen {
		return
	}
	w.state[g] = open
	w.path = append(w.path, g)
	g.Children = slices.DeleteFunc(g.Children, func(c *Group) bool {
		if w.state[c] != open {
			w.group(c)
			return false
		}
		w.loop(g, c)
		c.Parents = slices.DeleteFunc(c.Parents, func(p *Group) bool { return p == g })
		return true
	})
	w.path = w.path[:len(w.path)-1]
	w.state[g] = closed
	w.done = append(w.done, g)
}

// loop reports that c, a child of g, contains g.
func (w *walk) loop(g, c *Group) {
	var names []string
	for _, p := range w.path[slices.Index(w.path, c):] {
		names = append(names, p.Name)
	}
	w.b.fail(g.edges[c], "group inside itself", fmt.Sprintf("%s > %s", strings.Join(names, " > "), c.Name), "")
}

// collectHosts lists the hosts of g and of its descendants, breadth first.
func (g *Group) collectHosts() []*Host {
	if len(g.Children) == 0 {
		return g.Direct
	}
	var hosts []*Host
	queue, queued, seen := []*Group{g}, map[*Group]bool{g: true}, map[*Host]bool{}
	for len(queue) > 0 {
		for _, h := range queue[0].Direct {
			if !seen[h] {
				seen[h] = true
				hosts = append(hosts, h)
			}
		}
		for _, c := range queue[0].Children {
			if !queued[c] {
				queued[c] = true
				queue = append(queue, c)
			}
		}
		queue = queue[1:]
	}
	return hosts
}

// membership is what hosts with the same direct groups have in common.
type membership struct {
	groups []*Group
	in     map[string]bool
}

// memberships tells every host its groups.
func (b *builder) memberships() {
	known := map[string]membership{}
	for _, h := range b.in.met {
		var key strings.Builder
		for _, g := range h.direct {
			key.WriteString(g.Name + "\x00")
		}
		m, ok := known[key.String()]
		if !ok {
			m = newMembership(h.direct)
			known[key.String()] = m
		}
		h.Groups, h.in = m.groups, m.in
	}
}

func newMembership(direct []*Group) membership {
	m := membership{in: map[string]bool{}}
	var climb func(g *Group)
	climb = func(g *Group) {
		if m.in[g.Name] {
			return
		}
		m.in[g.Name] = true
		m.groups = append(m.groups, g)
		for _, p := range g.Parents {
			climb(p)
		}
	}
	for _, g := range direct {
		climb(g)
	}
	slices.SortFunc(m.groups, byPrecedence)
	return m
}

// localNames are the names of this machine.
func localNames() []string { return []string{"localhost", "127.0.0.1", "::1"} }

// addLocalhost lets the names of this machine mean the first host that has one
// of them, or an implicit host.
func (b *builder) addLocalhost(all *Group) {
	names := localNames()
	first := slices.IndexFunc(b.in.met, func(h *Host) bool { return slices.Contains(names, h.Name) })
	for _, n := range names {
		if first >= 0 {
			b.in.local[n] = b.in.met[first]
			continue
		}
		b.in.local[n] = &Host{
			Name: n, Implicit: true, Groups: []*Group{all},
			Vars: Vars{"ansible_connection": {Value: string(Local)}},
		}
	}
}
