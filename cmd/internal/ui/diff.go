package ui

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/gokube/gokube/engine/change"
)

// maxDiff is the most lines of one change's diff that are shown.
const maxDiff = 400

// diff renders one change: its line, then what differs.
func (s Style) diff(c change.Change) string {
	var sb strings.Builder
	sb.WriteString(s.title(c) + "\n")
	before, after := side(c.Before), side(c.After)
	if before.Secret || after.Secret {
		sb.WriteString("      (secret, not shown)\n")
		return sb.String()
	}
	for _, l := range attrs(before, after, c.Action == change.Delete) {
		sb.WriteString("      " + l + "\n")
	}
	s.text(&sb, before.Text, after.Text)
	return sb.String()
}

// title is the one-line form of a change.
func (s Style) title(c change.Change) string {
	sign, color := signs[c.Action], map[change.Action]string{change.Create: green, change.Update: yellow, change.Delete: red}[c.Action]
	text := fmt.Sprintf("    %s %s %s %s", sign, c.Action, c.Kind, line(c.Target))
	if color == "" {
		color = blue
	}
	text = s.paint(color, text)
	if c.Doubt != "" {
		text += s.paint(purple, "  (possible: depends on "+line(c.Doubt)+")")
	}
	return text
}

func side(v *change.Value) change.Value {
	if v == nil {
		return change.Value{}
	}
	return *v
}

// attrs are the attributes that differ, as name: before -> after; all of what is
// gone.
func attrs(before, after change.Value, gone bool) (out []string) {
	was := map[string]string{}
	for _, a := range before.Attrs {
		was[a.Name] = a.Value
	}
	for _, a := range before.Attrs {
		if gone {
			out = append(out, fmt.Sprintf("%s: %s -> (none)", a.Name, line(a.Value)))
		}
	}
	for _, a := range after.Attrs {
		old, had := was[a.Name]
		switch {
		case had && old == a.Value:
		case had:
			out = append(out, fmt.Sprintf("%s: %s -> %s", a.Name, line(old), line(a.Value)))
		default:
			out = append(out, fmt.Sprintf("%s: %s", a.Name, line(a.Value)))
		}
	}
	return out
}

// text writes the unified diff of two texts, of which either may be nil.
func (s Style) text(sb *strings.Builder, before, after *string) {
	if before == nil && after == nil {
		return
	}
	old, new := Clean(deref(before)), Clean(deref(after))
	if old == new {
		if deref(before) != deref(after) {
			sb.WriteString("      (differs in characters that cannot be shown)\n")
		}
		return
	}
	unified := udiff.Unified("before", "after", old, new)
	lines := strings.Split(strings.TrimSuffix(unified, "\n"), "\n")
	if len(lines) > 2 {
		lines = lines[2:] // the file headers: the title says more
	}
	if old == "" || new == "" {
		lines = lines[1:] // the only place there is
	}
	for i, l := range lines {
		if i == maxDiff {
			fmt.Fprintf(sb, "      ... %d more lines\n", len(lines)-i)
			return
		}
		sb.WriteString("      " + s.paint(lineColor(l), l) + "\n")
	}
}

func lineColor(l string) string {
	switch {
	case strings.HasPrefix(l, "+"):
		return green
	case strings.HasPrefix(l, "-"):
		return red
	case strings.HasPrefix(l, "@@"):
		return cyan
	}
	return dim
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
