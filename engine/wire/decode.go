package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxValues is how many values one message may hold: each costs memory beyond
// its bytes.
const maxValues = 4 << 20

// decoder reads what encoder wrote.
type decoder struct {
	b     []byte
	at    int
	depth int
	count int
	plain bool // tags mean nothing
	fetch Fetch
}

func (d *decoder) bad(what string) error {
	return &ProtocolError{fmt.Sprintf("malformed %s at byte %d of a value", what, d.at)}
}

// all reads one value and nothing after it.
func (d *decoder) all() (any, error) {
	v, err := d.value()
	if err == nil && d.peek() != 0 {
		err = d.bad("end")
	}
	return v, err
}

// peek is the next byte that is no white space, 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.b) {
		switch c := d.b[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
	return 0
}

func (d *decoder) value() (any, error) {
	if d.count++; d.count > maxValues {
		return nil, d.bad("value: too many in one message")
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
	}
	for word, v := range map[string]any{"null": nil, "true": true, "false": false} {
		if bytes.HasPrefix(d.b[d.at:], []byte(word)) {
			d.at += len(word)
			return v, nil
		}
	}
	return nil, d.bad("value")
}

func (d *decoder) text() (string, error) {
	if d.peek() != '"' {
		return "", d.bad("text")
	}
	from := d.at
	escaped := false
	for i := from + 1; i < len(d.b); i++ {
		switch d.b[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			d.at = i + 1
			return d.unquote(d.b[from:d.at], escaped)
		}
	}
	return "", d.bad("text")
}

func (d *decoder) unquote(quoted []byte, escaped bool) (string, error) {
	if escaped {
		var s string
		if json.Unmarshal(quoted, &s) != nil {
			return "", d.bad("text")
		}
		return s, nil
	}
	inner := quoted[1 : len(quoted)-1]
	if !utf8.Valid(inner) {
		return "", d.bad("text")
	}
	return string(inner), nil
}

func (d *decoder) number() (any, error) {
	from := d.at
	float := false
	for ; d.at < len(d.b); d.at++ {
		switch c := d.b[d.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+':
		case c == '.' || c == 'e' || c == 'E':
			float = true
		default:
			return d.parse(string(d.b[from:d.at]), float)
		}
	}
	return d.parse(string(d.b[from:]), float)
}

func (d *decoder) parse(s string, float bool) (any, error) {
	if float {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f, nil
		}
	} else if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	return nil, d.bad("number")
}

// open steps into a list or an object, close out of it.
func (d *decoder) open() error {
	d.at++
	if d.depth++; d.depth > 2*maxDepth {
		return d.bad("value: nested too deep")
	}
	return nil
}

// more reports whether another element follows; first is whether it would be the
// first one.
func (d *decoder) more(end byte, first bool) (bool, error) {
	switch c := d.peek(); {
	case c == end:
		d.at++
		d.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		d.at++
		return true, nil
	}
	return false, d.bad("list or object")
}

func (d *decoder) list() (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	out := []any{}
	for {
		more, err := d.more(']', len(out) == 0)
		if err != nil || !more {
			return out, err
		}
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (d *decoder) object() (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil {
			return nil, err
		}
		if !more {
			return out, nil
		}
		key, v, err := d.member()
		if err != nil {
			return nil, err
		}
		if first && len(key) > 0 && key[0] == '$' && !d.plain {
			if more, err = d.more('}', false); more || err != nil {
				return nil, d.bad("tag")
			}
			return d.tagged(key, v)
		}
		out[key] = v
	}
}

// member reads one key of an object with its value.
func (d *decoder) member() (key string, v any, err error) {
	if key, err = d.text(); err != nil {
		return "", nil, err
	}
	if d.peek() != ':' {
		return "", nil, d.bad("object")
	}
	d.at++
	v, err = d.value()
	return key, v, err
}
