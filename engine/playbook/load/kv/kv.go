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
	quote, opened := byte(0), 0
	var braces []int
	for i := start; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && len(braces) == 0:
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.HasPrefix(s[i:], "{{") || strings.HasPrefix(s[i:], "{%"):
			braces = append(braces, i)
			i++
		case len(braces) > 0 && (strings.HasPrefix(s[i:], "}}") || strings.HasPrefix(s[i:], "%}")):
			braces = braces[:len(braces)-1]
			i++
		case (c == '"' || c == '\'' || c == '`') && len(braces) > 0, c == '"' || c == '\'':
			quote, opened = c, i
		case isSpace(c) && len(braces) == 0:
			return i, nil
		}
	}
	switch {
	case quote != 0:
		return 0, &Error{opened, fmt.Sprintf("%c is not closed", quote)}
	case len(braces) > 0:
		return 0, &Error{braces[0], s[braces[0]:braces[0]+2] + " is not closed"}
	}
	return len(s), nil
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
