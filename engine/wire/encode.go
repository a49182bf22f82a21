package wire

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// maxDepth is how deep values may be nested.
const maxDepth = 200

// encoder writes values. What is no plain JSON is an object with one key that
// begins with a dollar.
type encoder struct {
	ctx   context.Context
	offer func(system.Content)
	b     []byte
	depth int
}

// value appends v: null, bools, numbers, texts, bytes, lists and maps of any Go
// type, structs by their JSON tags, and the types of module, secret and unknown.
func (e *encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.raw("null")
	case bool:
		e.b = strconv.AppendBool(e.b, v)
	case int:
		e.b = strconv.AppendInt(e.b, int64(v), 10)
	case float64:
		e.float(v)
	case string:
		e.text(v)
	case []any:
		return e.list(len(v), func(i int) any { return v[i] })
	case map[string]any:
		return e.dict(slices.Sorted(maps.Keys(v)), func(k string) any { return v[k] })
	default:
		return e.special(v)
	}
	return nil
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

// float keeps a whole number a float by its decimal point.
func (e *encoder) float(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		e.raw(`{"$float":"` + strconv.FormatFloat(f, 'g', -1, 64) + `"}`)
		return
	}
	at := len(e.b)
	e.b = strconv.AppendFloat(e.b, f, 'g', -1, 64)
	if !strings.ContainsAny(string(e.b[at:]), ".e") {
		e.raw(".0")
	}
}

func (e *encoder) text(s string) {
	if !utf8.ValidString(s) {
		e.base64("$text", []byte(s))
		return
	}
	e.b = appendText(e.b, s)
}

func (e *encoder) base64(tag string, data []byte) {
	e.raw(`{"` + tag + `":"`)
	e.b = base64.StdEncoding.AppendEncode(e.b, data)
	e.raw(`"}`)
}

const hexDigits = "0123456789abcdef"

// appendText appends s, which is UTF-8, as JSON.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[from:]...), '"')
}

func (e *encoder) enter() error {
	if e.depth++; e.depth > maxDepth {
		return fmt.Errorf("encode value: nested deeper than %d", maxDepth)
	}
	return nil
}

func (e *encoder) list(n int, at func(int) any) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	e.raw("[")
	for i := range n {
		if i > 0 {
			e.raw(",")
		}
		if err := e.value(at(i)); err != nil {
			return err
		}
	}
	e.raw("]")
	return nil
}

// dict writes a map. One whose keys could be taken for a tag, or are no text,
// becomes a list of pairs.
func (e *encoder) dict(keys []string, at func(string) any) error {
	if slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "$") || !utf8.ValidString(k) }) {
		return e.tagged("$pairs", func() error {
			return e.list(2*len(keys), func(i int) any {
				if k := keys[i/2]; i%2 == 1 {
					return at(k)
				}
				return keys[i/2]
			})
		})
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	e.raw("{")
	for i, k := range keys {
		if i > 0 {
			e.raw(",")
		}
		e.b = append(appendText(e.b, k), ':')
		if err := e.value(at(k)); err != nil {
			return err
		}
	}
	e.raw("}")
	return nil
}

func (e *encoder) tagged(tag string, inner func() error) error {
	e.raw(`{"` + tag + `":`)
	if err := inner(); err != nil {
		return err
	}
	e.raw("}")
	return nil
}

func (e *encoder) tag(tag string, v any) error {
	return e.tagged(tag, func() error { return e.value(v) })
}

// special writes what has a tag of its own.
func (e *encoder) special(v any) error {
	switch v := v.(type) {
	case unknown.Value:
		return e.tag("$unknown", v.Why)
	case module.Pending:
		return e.tag("$pending", true)
	case secret.String:
		return e.tag("$secret", v.Reveal())
	case []byte:
		e.base64("$bytes", v)
	case system.Content:
		return e.content(v)
	case module.Source:
		return e.source(v)
	case module.Template:
		return e.tag("$template", []any{v.Name, v.Content, v.Secret})
	case module.Conditions:
		return e.conditions(v)
	case module.Expression:
		return e.tag("$expression", []any{v.Text, v.Value})
	default:
		return e.reflected(reflect.ValueOf(v))
	}
	return nil
}

func (e *encoder) conditions(cs module.Conditions) error {
	flat := make([]any, 0, 2*len(cs))
	for _, c := range cs {
		flat = append(flat, c.Text, c.Holds)
	}
	return e.tag("$conditions", flat)
}

func (e *encoder) source(s module.Source) error {
	flat := make([]any, 0, 1+5*len(s.Entries))
	flat = append(flat, s.Name)
	for _, x := range s.Entries {
		flat = append(flat, x.Path, int(x.Type), int(x.Mode), x.Target, x.Content)
	}
	return e.tag("$source", flat)
}

// reflected writes values of named and compound types by their kind.
func (e *encoder) reflected(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		return e.value(v.Bool())
	case reflect.String:
		return e.value(v.String())
	case reflect.Slice, reflect.Array:
		return e.list(v.Len(), func(i int) any { return v.Index(i).Interface() })
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return e.reflectedMap(v)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return e.value(nil)
		}
		return e.value(v.Elem().Interface())
	case reflect.Struct:
		return e.structure(v.Interface())
	}
	return e.number(v)
}

func (e *encoder) number(v reflect.Value) error {
	switch {
	case v.CanInt():
		return e.value(int(v.Int()))
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return e.value(int(v.Uint()))
	case v.CanFloat():
		return e.value(v.Float())
	}
	return fmt.Errorf("encode value: %s cannot be sent", v.Type())
}

func (e *encoder) reflectedMap(v reflect.Value) error {
	at := map[string]any{}
	for _, k := range v.MapKeys() {
		at[k.String()] = v.MapIndex(k).Interface()
	}
	return e.value(at)
}

// structure writes the fields that encoding/json sees, as a map.
func (e *encoder) structure(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode value: %w", err)
	}
	d := decoder{b: b, plain: true}
	plain, err := d.all()
	if err != nil {
		return err
	}
	return e.value(plain)
}
