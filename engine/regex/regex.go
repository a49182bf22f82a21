// Package regex finds patterns in texts. It cannot read a pattern, only what package
// compile made of one: it knows neither the syntax nor Unicode's classes.
//
// # Decisions
//
// Go's package regexp would be a twentieth of the runner, most of it the reader of
// patterns and its tables. So the controller reads them, with that package, and the
// runner gets programs: what a pattern means is the same on both sides, and one that
// is wrong is found before a host is asked.
package regex

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pattern is a compiled pattern. The zero Pattern is in no text. It is safe for
// concurrent use.
type Pattern struct {
	Text    string `json:"text"` // as written
	Code    string `json:"code"` // for Read
	program *Program
}

// String is the pattern as written.
func (p Pattern) String() string { return p.Text }

// In reports whether p is in s.
func (p Pattern) In(s string) bool { return p.find(s, 0, 0) != nil }

// Find is where p is first in s: begin and end of the whole, then of each group, -1
// for a group that is not part of it. It is nil if p is not in s.
func (p Pattern) Find(s string) []int { return p.find(s, 0, p.places()) }

// places is how many numbers tell where a match and its groups are.
func (p Pattern) places() int {
	if p.program == nil {
		return 0
	}
	return 2 * len(p.program.Groups)
}

// Replace is s with text in the place of each match, as Expand gives it.
func (p Pattern) Replace(s, text string) string {
	var out strings.Builder
	end := 0
	for from := 0; from <= len(s); {
		at := p.find(s, from, p.places())
		if at == nil {
			break
		}
		out.WriteString(s[end:at[0]])
		if at[1] > end || at[0] == 0 { // nothing is no match right behind another one
			out.WriteString(p.Expand(text, s, at))
		}
		end = at[1]
		_, width := utf8.DecodeRuneInString(s[from:])
		from = max(from+max(width, 1), end)
	}
	return out.String() + s[end:]
}

// Expand is text with the groups that it names: \1 is the first one of those in s that
// Find found at, \g<name> the one called so. A group that is not there is empty.
func (p Pattern) Expand(text, s string, at []int) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, `\`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, rest := reference(after)
		if name == "" {
			out.WriteString(`\`)
		}
		if i := 2 * p.group(name); i >= 0 && i < len(at) && at[i] >= 0 {
			out.WriteString(s[at[i]:at[i+1]])
		}
		text = rest
	}
}

// reference is the group that s, which follows a backslash, begins with, "" if that is
// none, and what comes after it.
func reference(s string) (name, rest string) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 {
		return s[:digits], s[digits:]
	}
	if inner, ok := strings.CutPrefix(s, "g<"); ok {
		name, rest, ok = strings.Cut(inner, ">")
		if ok && strings.IndexFunc(name, func(r rune) bool { return !isWord(r) }) < 0 {
			return name, rest
		}
	}
	return "", s
}

// group is the number of the group called name, or of which it is the number; -1 if
// there is none.
func (p Pattern) group(name string) int {
	if n, err := strconv.Atoi(name); err == nil && (n == 0 || name[0] != '0') {
		return n
	}
	if p.program == nil || name == "" {
		return -1
	}
	for i, n := range p.program.Groups {
		if n == name {
			return i
		}
	}
	return -1
}
