package diag

import (
	"fmt"
	"io/fs"
	"strings"
)

// Excerpt renders d as people read it: the one-line error, then the line it
// points at with a caret below, then the hint. read fetches a source file by its
// Pos.File; where it has none, only the line is rendered.
func Excerpt(d Diagnostic, read func(file string) ([]byte, error)) string {
	var sb strings.Builder
	short := d
	short.Hint = ""
	sb.WriteString(short.Error() + "\n")
	if line, ok := lineAt(d.Pos, read); ok {
		number := fmt.Sprintf("%5d | ", d.Pos.Line)
		fmt.Fprintf(&sb, "%s%s\n", number, line)
		if d.Pos.Col > 0 && d.Pos.Col <= len(line)+1 {
			fmt.Fprintf(&sb, "%s| %s^\n", strings.Repeat(" ", len(number)-2), indent(line[:d.Pos.Col-1]))
		}
	}
	if d.Hint != "" {
		sb.WriteString("        " + d.Hint + "\n")
	}
	return sb.String()
}

// FromFS is a reader for Excerpt that looks into fsys.
func FromFS(fsys fs.FS) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) }
}

func lineAt(p Pos, read func(string) ([]byte, error)) (string, bool) {
	if p.Line == 0 || p.File == "" || read == nil {
		return "", false
	}
	text, err := read(p.File)
	lines := strings.Split(string(text), "\n")
	if err != nil || p.Line > len(lines) {
		return "", false
	}
	return strings.TrimRight(lines[p.Line-1], "\r"), true
}

// indent is as wide as s on a terminal: tabs stay tabs.
func indent(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}
