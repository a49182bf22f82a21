package json

import "strconv"

// maxValues is how many values one text may hold: each costs memory beyond its
// bytes.
const maxValues = 4 << 20

// Decoder reads values from B. A zero Decoder with B is ready for use.
type Decoder struct {
	B []byte
	// Tagged is what an object stands for whose only key begins with a dollar; nil
	// takes them as they are.
	Tagged func(tag string, v any) (any, error)
	Shapes Shapes
	at     int
	depth  int
	count  int
}

// Bad is a *SyntaxError here.
func (d *Decoder) Bad(what string) error { return &SyntaxError{what, d.at} }

// End is an error if anything but white space is left.
func (d *Decoder) End() error {
	if d.peek() != 0 || d.at < len(d.B) {
		return d.Bad("end")
	}
	return nil
}

// peek is the next byte that is no white space, 0 at the end.
func (d *Decoder) peek() byte {
	for d.at < len(d.B) {
		switch c := d.B[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
	return 0
}

// Value reads one value: nil, bool, int, float64, string, []any, map[string]any,
// or what Tagged makes of one.
func (d *Decoder) Value() (any, error) {
	if d.count++; d.count > maxValues {
		return nil, d.Bad("value: too many in one message")
	}
	switch c := d.peek(); {
	case c == '"':
		return d.text()
	case c == '{':
		return d.object()
	case c == '[':
		return d.list()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	case d.word("null"):
		return nil, nil //nolint:nilnil // null is a value
	case d.word("true"):
		return true, nil
	case d.word("false"):
		return false, nil
	}
	return nil, d.Bad("value")
}

// word steps over w if it is next.
func (d *Decoder) word(w string) bool {
	if len(d.B)-d.at < len(w) || string(d.B[d.at:d.at+len(w)]) != w {
		return false
	}
	d.at += len(w)
	return true
}

func (d *Decoder) number() (any, error) {
	from := d.at
	float := false
	for ; d.at < len(d.B); d.at++ {
		switch c := d.B[d.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+':
			continue
		case c == '.' || c == 'e' || c == 'E':
			float = true
			continue
		}
		break
	}
	s := string(d.B[from:d.at])
	if float {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f, nil
		}
	} else if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	return nil, d.Bad("number")
}

// each reads the elements of a list or an object, whose bracket is next.
func (d *Decoder) each(end byte, element func() error) error {
	d.at++
	if d.depth++; d.depth > 2*MaxDepth {
		return d.Bad("value: nested too deep")
	}
	for first := true; ; first = false {
		switch c := d.peek(); {
		case c == end:
			d.at++
			d.depth--
			return nil
		case first:
		case c == ',':
			d.at++
		default:
			return d.Bad("list or object")
		}
		if err := element(); err != nil {
			return err
		}
	}
}

func (d *Decoder) list() (any, error) {
	out := []any{}
	err := d.each(']', func() error {
		v, err := d.Value()
		out = append(out, v)
		return err
	})
	return out, err
}

func (d *Decoder) object() (any, error) {
	out, tag := map[string]any{}, ""
	err := d.each('}', func() error {
		key, err := d.key()
		if err != nil {
			return err
		}
		if len(key) > 0 && key[0] == '$' {
			tag = key
		}
		out[key], err = d.Value()
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case tag == "" || d.Tagged == nil:
		return out, nil
	case len(out) > 1:
		return nil, d.Bad("tag")
	}
	return d.Tagged(tag, out[tag])
}

// key reads the key of a member of an object, and steps to its value.
func (d *Decoder) key() (string, error) {
	key, err := d.text()
	if err != nil {
		return "", err
	}
	return key, d.colon()
}

func (d *Decoder) colon() error {
	if d.peek() != ':' {
		return d.Bad("object")
	}
	d.at++
	return nil
}

// field reads a key as key does, and finds it among fs; nil if it is none of them.
func (d *Decoder) field(fs []field) (*field, error) {
	if d.peek() == '"' {
		rest := d.B[d.at+1:]
		for i := range fs {
			n := len(fs[i].name)
			if len(rest) > n && rest[n] == '"' && string(rest[:n]) == fs[i].name {
				d.at += n + 2
				return &fs[i], d.colon()
			}
		}
	}
	key, err := d.key() // it may be written with escapes
	for i := range fs {
		if fs[i].name == key && err == nil {
			return &fs[i], nil
		}
	}
	return nil, err
}
