package ini

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Literal is what the Python literal s stands for: string, int, float64, bool,
// nil, []any (lists, tuples, sets) or map[string]any. It is s itself if s is no
// literal, or one that has no such value: a complex number, an integer of more
// than 64 bits.
func Literal(s string) any {
	l := &literal{rest: strings.TrimLeft(s, " \t")}
	v, ok := l.value()
	if ok && l.take(',') {
		v, ok = l.bareTuple(v)
	}
	if !ok || !l.atEnd() {
		return s
	}
	return v
}

// deepest is how far literals may be nested.
const deepest = 100

// literal reads the text in rest, from left to right.
type literal struct {
	rest  string
	depth int
}

var (
	keyword = regexp.MustCompile(`^(?:True|False|None)\b`)
	float   = regexp.MustCompile(`^(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.)(?:[eE][-+]?\d(?:_?\d)*)?|^\d(?:_?\d)*[eE][-+]?\d(?:_?\d)*`)
	integer = regexp.MustCompile(`^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?\d)*|0(?:_?0)*)`)
)

func (l *literal) space() { l.rest = strings.TrimLeft(l.rest, " \t\f") }

// take tells whether the next character is c, and steps over it and the space
// behind it if so.
func (l *literal) take(c byte) bool {
	if l.rest == "" || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	l.space()
	return true
}

// atEnd tells whether nothing but a comment is left.
func (l *literal) atEnd() bool { return l.rest == "" || l.rest[0] == '#' }

// bareTuple reads what follows the first value and comma of a tuple without
// parentheses.
func (l *literal) bareTuple(first any) (any, bool) {
	tuple := []any{first}
	for comma := true; !l.atEnd(); comma = l.take(',') {
		v, ok := l.value()
		if !comma || !ok {
			return nil, false
		}
		tuple = append(tuple, v)
	}
	return tuple, true
}

func (l *literal) value() (v any, ok bool) {
	if l.depth++; l.depth > deepest || l.rest == "" {
		return nil, false
	}
	defer func() { l.depth--; l.space() }()
	switch c := l.rest[0]; {
	case c == '[' || c == '(' || c == '{':
		return l.collection(c)
	case c == '-' || c == '+':
		l.take(c)
		return l.number(c == '-')
	case c == '.' || c >= '0' && c <= '9':
		return l.number(false)
	}
	if word := keyword.FindString(l.rest); word != "" {
		l.rest = l.rest[len(word):]
		return map[string]any{"True": true, "False": false, "None": nil}[word], true
	}
	return l.text()
}

func (l *literal) number(negative bool) (any, bool) {
	sign := ""
	if negative {
		sign = "-"
	}
	if s := float.FindString(l.rest); l.endsAfter(s) {
		l.rest = l.rest[len(s):]
		f, _ := strconv.ParseFloat(sign+strings.ReplaceAll(s, "_", ""), 64) // out of range is infinite, as in Python
		return f, true
	}
	s := integer.FindString(l.rest)
	if !l.endsAfter(s) {
		return nil, false
	}
	l.rest = l.rest[len(s):]
	n, err := strconv.ParseInt(sign+s, 0, 64)
	return int(n), err == nil && int64(int(n)) == n
}

// endsAfter tells whether the number s at the start of the rest goes no further.
func (l *literal) endsAfter(s string) bool {
	after := l.rest[len(s):]
	return s != "" && (after == "" || strings.IndexByte(" \t\f,:)]}#", after[0]) >= 0)
}

func (l *literal) collection(open byte) (any, bool) {
	l.take(open)
	switch open {
	case '[':
		list, _, ok := l.list(']')
		return list, ok
	case '{':
		return l.braces()
	}
	list, commas, ok := l.list(')')
	if ok && len(list) == 1 && commas == 0 {
		return list[0], true // only parentheses
	}
	return list, ok
}

// list reads values up to the closing character and counts the commas.
func (l *literal) list(end byte) (list []any, commas int, ok bool) {
	list = []any{}
	for !l.take(end) {
		if len(list) > commas {
			return nil, 0, false
		}
		v, ok := l.value()
		if !ok {
			return nil, 0, false
		}
		list = append(list, v)
		if l.take(',') {
			commas++
		}
	}
	return list, commas, true
}

// braces reads a dict, or a set.
func (l *literal) braces() (any, bool) {
	dict, set := map[string]any{}, []any{}
	for comma := true; !l.take('}'); comma = l.take(',') {
		k, ok := l.value()
		if !comma || !ok || !isKey(k) {
			return nil, false
		}
		if !l.take(':') {
			set = append(set, k)
		} else if dict[keyText(k)], ok = l.value(); !ok {
			return nil, false
		}
	}
	if len(set) == 0 {
		return dict, true
	}
	return set, len(dict) == 0
}

func isKey(k any) bool {
	switch k.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// keyText is a key of a dict as JSON would have it.
func keyText(k any) string {
	if k == nil {
		return "null"
	}
	return fmt.Sprint(k)
}
