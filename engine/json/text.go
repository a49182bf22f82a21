package json

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a text in quotes.
func (d *Decoder) text() (string, error) {
	if d.peek() != '"' {
		return "", d.Bad("text")
	}
	from := d.at + 1
	for i := from; i < len(d.B); i++ {
		switch c := d.B[i]; {
		case c == '"':
			d.at = i + 1
			return d.valid(d.B[from:i])
		case c == '\\':
			return d.escaped(from, i)
		case c < ' ':
			return "", d.Bad("text")
		}
	}
	return "", d.Bad("text")
}

func (d *Decoder) valid(text []byte) (string, error) {
	if !utf8.Valid(text) {
		return "", d.Bad("text")
	}
	return string(text), nil
}

// escaped reads a text from its beginning at from, with the first escape at i.
func (d *Decoder) escaped(from, i int) (string, error) {
	out := append(make([]byte, 0, 2*(i-from)+16), d.B[from:i]...)
	for i < len(d.B) {
		switch c := d.B[i]; {
		case c == '"':
			d.at = i + 1
			return d.valid(out)
		case c < ' ':
			return "", d.Bad("text")
		case c != '\\':
			out = append(out, c)
			i++
		default:
			r, n := escape(d.B[i+1:])
			if n == 0 {
				return "", d.Bad("text")
			}
			out = utf8.AppendRune(out, r)
			i += 1 + n
		}
	}
	return "", d.Bad("text")
}

// escape is the character that b, which follows a backslash, begins with, and how
// many bytes say so; 0 if none do.
func escape(b []byte) (r rune, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch b[0] {
	case '"', '\\', '/':
		return rune(b[0]), 1
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'u':
		return unit(b)
	}
	return 0, 0
}

// unit is escape of b, which is u, four digits and maybe the other half of a pair.
func unit(b []byte) (r rune, n int) {
	r, ok := digits(b)
	if !ok || !utf16.IsSurrogate(r) {
		return r, map[bool]int{true: 5}[ok]
	}
	if len(b) > 5 && b[5] == '\\' {
		if low, ok := digits(b[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 11
			}
		}
	}
	return utf8.RuneError, 5
}

func digits(b []byte) (rune, bool) {
	if len(b) < 5 || b[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[1:5]), 16, 16)
	return rune(n), err == nil
}
