package inventory

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory/pattern"
)

// Selection is the hosts that a pattern means.
type Selection struct {
	Hosts     []*Host   // in the order of the pattern's terms, each once
	Unmatched diag.List // terms that name no host and no group, without places
}

// Names are the names of the hosts.
func (s Selection) Names() []string {
	names := make([]string, len(s.Hosts))
	for i, h := range s.Hosts {
		names[i] = h.Name
	}
	return names
}

// Within is s without the hosts that limit lacks.
func (s Selection) Within(limit Selection) Selection {
	in := make(map[*Host]bool, len(limit.Hosts))
	for _, h := range limit.Hosts {
		in[h] = true
	}
	s.Hosts = slices.DeleteFunc(slices.Clone(s.Hosts), func(h *Host) bool { return !in[h] })
	return s
}

// Match finds the hosts that patterns mean, as Ansible reads them: groups, hosts
// and globs joined by colons or commas, &x for those also in x, !x for those not
// in x, ~x for a regular expression, x[0] and x[1:3] to pick from x. Unions come
// first, then intersections, then exclusions, whatever the order of the text.
// The error is a diag.Diagnostic without a place for what is no pattern; a name
// that is unknown is none.
func (in *Inventory) Match(patterns ...string) (Selection, error) {
	terms, err := pattern.Parse(patterns...)
	if err != nil {
		return Selection{}, diag.Diagnostic{Summary: "invalid host pattern", Detail: err.Error()}
	}
	if len(terms) == 0 {
		return Selection{}, diag.Diagnostic{Summary: "empty host pattern", Hint: `write "all" for all hosts`}
	}
	return in.evaluate(terms)
}

// Limit finds the hosts that the argument of --limit means: a pattern whose
// terms may also be @file, a file with one term on each line. An empty one means
// all hosts, an implicit localhost too.
func (in *Inventory) Limit(expr string) (Selection, error) {
	var terms []pattern.Term
	for _, text := range pattern.Split(expr) {
		texts := []string{text}
		if file, ok := strings.CutPrefix(text, "@"); ok {
			data, err := os.ReadFile(file)
			if err != nil {
				return Selection{}, diag.Diagnostic{Pos: diag.Pos{File: file}, Summary: "unreadable limit file", Detail: reason(err)}
			}
			texts = strings.Split(string(data), "\n")
		}
		for _, text := range texts {
			if text = strings.TrimSpace(text); text == "" || text[0] == '#' {
				continue
			}
			t, err := pattern.ParseTerm(text)
			if err != nil {
				return Selection{}, diag.Diagnostic{Summary: "invalid limit", Detail: err.Error()}
			}
			terms = append(terms, t)
		}
	}
	if len(terms) == 0 {
		return Selection{Hosts: in.reachable()}, nil
	}
	return in.evaluate(terms)
}

// reachable are all hosts and the implicit ones.
func (in *Inventory) reachable() []*Host {
	hosts := slices.Clone(in.Hosts())
	for _, n := range localNames() {
		if h, ok := in.local[n]; ok && h.Implicit {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func (in *Inventory) evaluate(terms []pattern.Term) (Selection, error) {
	slices.SortStableFunc(terms, func(a, b pattern.Term) int { return int(a.Op) - int(b.Op) })
	e := &evaluation{in: in, has: map[*Host]bool{}}
	if terms[0].Op != pattern.Union {
		e.union(in.Hosts())
	}
	for _, t := range terms {
		hosts, err := e.term(t)
		if err != nil {
			return Selection{}, err
		}
		switch t.Op {
		case pattern.Union:
			e.union(hosts)
		case pattern.Intersection:
			e.keep(hosts, true)
		case pattern.Exclusion:
			e.keep(hosts, false)
		}
	}
	return e.out, nil
}

// evaluation is the hosts found so far.
type evaluation struct {
	in  *Inventory
	out Selection
	has map[*Host]bool
}

func (e *evaluation) union(hosts []*Host) {
	for _, h := range hosts {
		if !e.has[h] {
			e.has[h] = true
			e.out.Hosts = append(e.out.Hosts, h)
		}
	}
}

// keep drops the hosts that are among hosts, or those that are not.
func (e *evaluation) keep(hosts []*Host, among bool) {
	is := make(map[*Host]bool, len(hosts))
	for _, h := range hosts {
		is[h] = true
	}
	e.out.Hosts = slices.DeleteFunc(e.out.Hosts, func(h *Host) bool {
		if is[h] == among {
			return false
		}
		delete(e.has, h)
		return true
	})
}

// term finds the hosts of one term, apart from its operation.
func (e *evaluation) term(t pattern.Term) ([]*Host, error) {
	if h, ok := e.in.hosts[t.Text]; ok {
		return []*Host{h}, nil
	}
	hosts, known := e.in.named(t)
	if !known {
		d := diag.Diagnostic{Summary: "unknown host or group", Detail: strconv.Quote(t.Text)}
		if t.IsPlain() {
			d.Hint = diag.Suggest(t.Name, e.in.mentioned())
		}
		e.out.Unmatched = append(e.out.Unmatched, d)
	}
	if t.Subscript == nil || len(hosts) == 0 {
		return hosts, nil
	}
	from, end, ok := t.Subscript.Bounds(len(hosts))
	if !ok {
		return nil, diag.Diagnostic{Summary: "no such host in a pattern", Detail: fmt.Sprintf("%q, but %s has %d hosts", t.Text, t.Name, len(hosts))}
	}
	return hosts[from:end], nil
}

// named finds the hosts in the groups that t matches and, if t may mean hosts
// too, the hosts it matches. known is false if there is nothing of the kind.
func (in *Inventory) named(t pattern.Term) (hosts []*Host, known bool) {
	if t.IsPlain() {
		return in.plain(t)
	}
	for _, g := range in.ordered {
		if t.Match(g.Name) {
			known = true
			hosts = append(hosts, g.Hosts...)
		}
	}
	for _, h := range in.met {
		if t.Match(h.Name) {
			hosts = append(hosts, h)
		}
	}
	return unique(hosts), known || len(hosts) > 0
}

// plain finds the group or host of t's very name.
func (in *Inventory) plain(t pattern.Term) (hosts []*Host, known bool) {
	g, known := in.groups[t.Name]
	if known {
		hosts = g.Hosts
	}
	if h, ok := in.Host(t.Name); ok && (!known || t.AlsoHosts()) {
		hosts, known = append(slices.Clip(hosts), h), true
	}
	return hosts, known
}

func unique(hosts []*Host) []*Host {
	seen := make(map[*Host]bool, len(hosts))
	return slices.DeleteFunc(hosts, func(h *Host) bool {
		dup := seen[h]
		seen[h] = true
		return dup
	})
}
