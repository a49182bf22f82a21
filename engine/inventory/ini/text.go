package ini

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var opening = regexp.MustCompile(`^([rRuUbB]|[rR][bB]|[bB][rR])?('''|"""|'|")`)

// text reads one Python string, or several side by side, which are one.
func (l *literal) text() (any, bool) {
	var sb strings.Builder
	for n := 0; ; n++ {
		m := opening.FindStringSubmatch(l.rest)
		if m == nil {
			return sb.String(), n > 0
		}
		l.rest = l.rest[len(m[0]):]
		raw := strings.ContainsAny(m[1], "rR")
		if !l.quoted(&sb, m[2], raw) {
			return nil, false
		}
		l.space()
	}
}

// quoted reads up to the closing quote into sb.
func (l *literal) quoted(sb *strings.Builder, quote string, raw bool) bool {
	for l.rest != "" {
		switch {
		case strings.HasPrefix(l.rest, quote):
			l.rest = l.rest[len(quote):]
			return true
		case l.rest[0] == '\\' && len(l.rest) > 1:
			if !l.escape(sb, raw) {
				return false
			}
		default:
			sb.WriteByte(l.rest[0])
			l.rest = l.rest[1:]
		}
	}
	return false
}

// digits is how many digits follow the letter of an escape, and base how they
// are read.
func digits(c byte) (count, base int) {
	switch c {
	case 'x':
		return 2, 16
	case 'u':
		return 4, 16
	case 'U':
		return 8, 16
	}
	return 0, 0
}

// escape reads a backslash and what belongs to it.
func (l *literal) escape(sb *strings.Builder, raw bool) bool {
	c := l.rest[1]
	if raw || c == 'N' {
		sb.WriteString(l.rest[:2])
		l.rest = l.rest[2:]
		return c != 'N' || raw
	}
	if i := strings.IndexByte(`abfnrtv\'"`, c); i >= 0 {
		sb.WriteByte("\a\b\f\n\r\t\v\\'\""[i])
		l.rest = l.rest[2:]
		return true
	}
	if c >= '0' && c <= '7' {
		n := 1
		for n < 3 && n+1 < len(l.rest) && l.rest[n+1] >= '0' && l.rest[n+1] <= '7' {
			n++
		}
		return l.code(sb, 1, n, 8)
	}
	if n, base := digits(c); n > 0 {
		return l.code(sb, 2, n, base)
	}
	sb.WriteString(l.rest[:2]) // no escape: both characters stand for themselves
	l.rest = l.rest[2:]
	return true
}

// code reads the n digits at offset from as the number of a character.
func (l *literal) code(sb *strings.Builder, from, n, base int) bool {
	if from+n > len(l.rest) {
		return false
	}
	r, err := strconv.ParseUint(l.rest[from:from+n], base, 32)
	if err != nil || r > utf8.MaxRune {
		return false
	}
	sb.WriteRune(rune(r))
	l.rest = l.rest[from+n:]
	return true
}
