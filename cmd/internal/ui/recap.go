package ui

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/event"
)

// recap is the end of a run: counts per host, hosts in trouble last where the eye
// is, totals, and where the time went.
func (t *Text) recap(e event.RunEnd) {
	var sb strings.Builder
	fmt.Fprintf(&sb, "\n%s\n", t.paint(bold, "recap"))
	t.hosts(&sb, t.alikeHosts(e.Hosts))
	sb.WriteString("  " + t.paint(bold, t.total(e)) + "\n")
	sb.WriteString(t.times(e.Elapsed))
	for _, b := range e.Bugs {
		sb.WriteString("  " + t.paint(red, "contract broken: "+line(b)) + "\n")
	}
	if e.Interrupted {
		sb.WriteString("  " + t.paint(yellow, "interrupted: tasks that had not begun were not run") + "\n")
	}
	if !e.Interrupted && !slices.ContainsFunc(e.Hosts, func(h event.Recap) bool { return h.Failed+h.Unreachable > 0 }) {
		for _, n := range e.Next {
			sb.WriteString("  next: " + t.paint(bold, line(n)) + "\n")
		}
	}
	t.print(sb.String())
}

// alikeHost is hosts with equal counts.
type alikeHost struct {
	names []string
	event.Counts
}

func (t *Text) alikeHosts(hs []event.Recap) (out []alikeHost) {
	at := map[string]int{}
	for _, h := range hs {
		key := fmt.Sprint(t.counts(h.Counts))
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key] = i
			out = append(out, alikeHost{Counts: h.Counts})
		}
		out[i].names = append(out[i].names, h.Host)
	}
	slices.SortStableFunc(out, func(a, b alikeHost) int { return a.Failed + a.Unreachable - b.Failed - b.Unreachable })
	return out
}

// hosts writes a line for each group, in columns as wide as they need to be.
func (t *Text) hosts(sb *strings.Builder, groups []alikeHost) {
	var wide []int
	for _, g := range groups {
		for i, n := range t.counts(g.Counts) {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], len(n.text))
		}
	}
	used, width := 2+1, 0
	for _, w := range wide {
		used += 1 + w
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = t.fit(g.names, used)
		width = max(width, utf8.RuneCountInString(names[i]))
	}
	for i, g := range groups {
		row := fmt.Sprintf("  %-*s ", width, names[i])
		for k, n := range t.counts(g.Counts) {
			row += " " + t.paint(n.color, n.text) + strings.Repeat(" ", wide[k]-len(n.text))
		}
		sb.WriteString(strings.TrimRight(row, " ") + "\n")
	}
}

// cell is one count of a recap line.
type cell struct{ text, color string }

func (t *Text) counts(c event.Counts) (out []cell) {
	for _, n := range []struct {
		count int
		name  string
		color string
		shown bool
	}{
		{c.OK, "ok", green, true}, {c.Changed, "changed", yellow, true}, {c.Unknown, "unknown", purple, t.check},
		{c.Unreachable, "unreachable", red, true}, {c.Failed, "failed", red, true}, {c.Skipped, "skipped", cyan, true},
		{c.Rescued, "rescued", yellow, c.Rescued > 0}, {c.Ignored, "ignored", yellow, c.Ignored > 0},
	} {
		if !n.shown {
			continue
		}
		if n.count == 0 {
			n.color = ""
		}
		out = append(out, cell{fmt.Sprintf("%s=%d", n.name, n.count), n.color})
	}
	return out
}

// total is all changes of all hosts, and the time.
func (t *Text) total(e event.RunEnd) string {
	n, possible, unknown := map[change.Action]int{}, 0, 0
	for _, h := range e.Hosts {
		for a, c := range h.Changes {
			n[a] += c
		}
		possible += h.Possible
		unknown += h.Unknown
	}
	words := map[change.Action]string{change.Create: "created", change.Update: "updated", change.Delete: "deleted", change.Run: "run"}
	if t.check {
		words = map[change.Action]string{change.Create: "to create", change.Update: "to update", change.Delete: "to delete", change.Run: "to run"}
	}
	var out []string
	for _, a := range []change.Action{change.Create, change.Update, change.Delete, change.Run} {
		if n[a] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[a], words[a]))
		}
	}
	if possible > 0 {
		out = append(out, fmt.Sprintf("%d possible", possible))
	}
	if unknown > 0 {
		out = append(out, fmt.Sprintf("%d known after apply", unknown))
	}
	if len(out) == 0 {
		out = []string{"0 changes"}
	}
	what := "done"
	if t.check {
		what = "check, nothing was changed"
	}
	return fmt.Sprintf("%s: %s; %s in %s", what, strings.Join(out, ", "), count(len(e.Hosts), "host", "hosts"), round(e.Elapsed))
}
