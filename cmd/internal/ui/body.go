package ui

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/event"
)

// body is what an outcome says beyond its line.
func (t *Text) body(g group) string {
	var sb strings.Builder
	if g.fail != nil && (!g.ignored || t.Verbose >= 1) {
		sb.WriteString(t.failure(g))
	}
	if g.hidden {
		return sb.String()
	}
	for _, c := range g.changes {
		switch {
		case t.Diff:
			sb.WriteString(t.diff(c))
		case t.titled():
			sb.WriteString(t.title(c) + "\n")
		}
	}
	if text := said(g.message); text != "" {
		sb.WriteString(indent("    ", text) + "\n")
	}
	if g.note != "" && t.Verbose >= 1 {
		sb.WriteString(t.paint(dim, "    "+line(g.note)) + "\n")
	}
	return sb.String()
}

// titled reports whether changes are named where no diff is shown.
func (t *Text) titled() bool { return t.check || t.Verbose >= 1 }

// maxLines is the most lines of an output that a failure shows: its last.
const maxLines = 12

// failure is all that helps to mend it.
func (t *Text) failure(g group) string {
	var sb strings.Builder
	f, color := *g.fail, red
	switch {
	case g.ignored:
		color = dim
	case g.rescued:
		color = yellow
	}
	if len(g.hosts) > 1 {
		f.Host = count(len(g.hosts), "host", "hosts")
	}
	for i, l := range strings.Split(strings.TrimSpace(f.Error()), "\n") {
		if l = line(l); l != "" {
			fmt.Fprintf(&sb, "    %s%s\n", strings.Repeat(" ", 2*min(i, 1)), t.paint(color, l))
		}
	}
	for _, out := range []struct{ name, text string }{{"stdout", f.Stdout}, {"stderr", f.Stderr}} {
		text := strings.TrimLeft(said(out.text), "\n")
		if text == "" || strings.HasSuffix(line(f.Text), ": "+line(text)) { // told already
			continue
		}
		lines := strings.Split(text, "\n")
		name := out.name
		if len(lines) > maxLines {
			name = fmt.Sprintf("%s, the last %d of %d lines", name, maxLines, len(lines))
			lines = lines[len(lines)-maxLines:]
		}
		for i, l := range lines {
			lines[i] = clip(l)
		}
		fmt.Fprintf(&sb, "    %s:\n%s\n", name, indent("      ", strings.Join(lines, "\n")))
	}
	if f.Hint != "" {
		sb.WriteString("    " + line(f.Hint) + "\n")
	}
	return sb.String()
}

// hide is a failure of a no_log task: where, but not what.
func hide(f *event.Failure) *event.Failure {
	if f == nil {
		return nil
	}
	return &event.Failure{Host: f.Host, Task: f.Task, Module: f.Module, Pos: f.Pos, Text: "failed; its output is hidden by no_log"}
}

// maxLine is the most characters of one line of output that are shown.
const maxLine = 400

// clip is l without what is too much of a line.
func clip(l string) string {
	r := []rune(l)
	if len(r) <= maxLine {
		return l
	}
	return fmt.Sprintf("%s... and %d more characters", string(r[:maxLine]), len(r)-maxLine)
}
