package ui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean is s without what could steer a terminal. Control characters are shown by
// their pictures (␛ for escape); invalid text, invisible characters and those that
// reorder what follows become U+FFFD. Tabs and newlines stay.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return utf8.RuneError
		}
		return r
	}, s)
}

// line is s cleaned and on one line.
func line(s string) string { return Clean(strings.Join(strings.Fields(s), " ")) }

// said is what a program or a task said, with lines ended as programs end theirs.
func said(s string) string {
	return strings.TrimRight(Clean(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)), "\n\t ")
}

// indent is text with every line moved to the right.
func indent(by, text string) string { return by + strings.ReplaceAll(text, "\n", "\n"+by) }

// count is n things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
