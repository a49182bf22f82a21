// Package kv splits the short form of module arguments, `src=a.conf mode=0644`,
// into words. It knows no modules, and what stands in braces is kept whole but
// not understood.
package kv

import (
	"fmt"
	"strings"
)

// Word is one word of a line. Start and End are its offsets there.
type Word struct {
	Key   string // "" if the word is no key=value
	Value string // after the =, or the whole word; quotes around all of it removed
	From  int    // offset of Value
	Start int
	End   int
}

// Error says at which offset a line cannot be split.
type Error struct {
	Offset int
	What   string
}

// Error is what is wrong.
func (e *Error) Error() string { return e.What }

// Split finds the words of s. Spaces part them, unless they are in quotes or in
// the braces of a template.
func Split(s string) ([]Word, error) {
	var out []Word
	for i := 0; i < len(s); {
		if isSpace(s[i]) {
			i++
			continue
		}
		end, err := wordEnd(s, i)
		if err != nil {
			return nil, err
		}
		out = append(out, word(s, i, end))
		i = end
	}
	return out, nil
}

// wordEnd is the offset after the word that starts at start.
func wordEnd(s string, start int) (int, error) {
	sc := scan{s: s, at: start}
	for sc.at < len(s) {
		if isSpace(s[sc.at]) && sc.quote == 0 && len(sc.braces) == 0 {
			return sc.at, nil
		}
		sc.step()
	}
	switch {
	case sc.quote != 0:
		return 0, &Error{sc.opened, fmt.Sprintf("%c is not closed", sc.quote)}
	case len(sc.braces) > 0:
		from := sc.braces[0]
		return 0, &Error{from, s[from:from+2] + " is not closed"}
	}
	return len(s), nil
}

// scan knows what is open at a place of s.
type scan struct {
	s      string
	at     int
	quote  byte // 0 if none is open
	opened int  // where quote is
	braces []int
}

// step goes on by one character, or one pair of braces.
func (sc *scan) step() {
	c, rest := sc.s[sc.at], sc.s[sc.at:]
	switch {
	case c == '\\' && len(sc.braces) == 0:
		sc.at++
	case sc.quote != 0:
		if c == sc.quote {
			sc.quote = 0
		}
	case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "{%"):
		sc.braces = append(sc.braces, sc.at)
		sc.at++
	case len(sc.braces) > 0 && (strings.HasPrefix(rest, "}}") || strings.HasPrefix(rest, "%}")):
		sc.braces = sc.braces[:len(sc.braces)-1]
		sc.at++
	case c == '"', c == '\'', c == '`' && len(sc.braces) > 0:
		sc.quote, sc.opened = c, sc.at
	}
	sc.at++
}

func word(s string, start, end int) Word {
	w := Word{Value: s[start:end], From: start, Start: start, End: end}
	if key, value, ok := strings.Cut(w.Value, "="); ok && isKey(key) {
		w.Key, w.Value, w.From = key, value, start+len(key)+1
	}
	if n := len(w.Value); n >= 2 && (w.Value[0] == '"' || w.Value[0] == '\'') && closes(w.Value) {
		w.Value, w.From = strings.ReplaceAll(w.Value[1:n-1], `\`+w.Value[:1], w.Value[:1]), w.From+1
	}
	return w
}

// closes tells whether the quote that s starts with ends where s ends.
func closes(s string) bool {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i == len(s)-1
		}
	}
	return false
}

func isKey(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z' || s[i] == '_'
		if !letter && (i == 0 || !(s[i] >= '0' && s[i] <= '9' || s[i] == '-')) {
			return false
		}
	}
	return s != ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
