package json

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep values may be nested.
const MaxDepth = 200

// Encoder appends values to B. The zero Encoder is ready for use.
type Encoder struct {
	B      []byte
	Indent string // "" puts all on one line
	Shapes Shapes
	// Other is asked first how to append a value; false leaves it to the Encoder. It
	// may be nil.
	Other func(v any) (done bool, err error)
	depth int
}

// Value appends v. What was appended before an error is of no use.
func (e *Encoder) Value(v any) error {
	if e.Other != nil {
		if done, err := e.Other(v); done || err != nil {
			return err
		}
	}
	return e.own(v)
}

// own appends a value that Other leaves to e.
func (e *Encoder) own(v any) error {
	switch v := v.(type) {
	case nil:
		e.Raw("null")
	case bool:
		e.B = strconv.AppendBool(e.B, v)
	case int:
		e.B = strconv.AppendInt(e.B, int64(v), 10)
	case float64:
		return e.float(v)
	case string:
		e.Text(strings.ToValidUTF8(v, "\ufffd"))
	case []byte:
		if v == nil {
			return e.Value(nil)
		}
		e.Text(base64.StdEncoding.EncodeToString(v))
	case []any:
		return e.List(len(v), func(i int) any { return v[i] })
	case map[string]any:
		return e.Dict(Keys(v), func(k string) any { return v[k] })
	default:
		return e.reflected(reflect.ValueOf(v))
	}
	return nil
}

// Raw appends s as it is.
func (e *Encoder) Raw(s string) { e.B = append(e.B, s...) }

func (e *Encoder) float(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("write JSON: there is no %v", f)
	}
	format := byte('f')
	if x := math.Abs(f); x != 0 && (x < 1e-6 || x >= 1e21) {
		format = 'e'
	}
	e.B = strconv.AppendFloat(e.B, f, format, -1, 64)
	return nil
}

const hexDigits = "0123456789abcdef"

// Text appends s, which is UTF-8, in quotes.
func (e *Encoder) Text(s string) {
	b, from := e.B, 0
	b = append(b, '"')
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
	e.B = append(append(b, s[from:]...), '"')
}

// List appends a list of n values.
func (e *Encoder) List(n int, at func(int) any) error {
	return e.compound("[", "]", n, func(i int) error { return e.Value(at(i)) })
}

// Dict appends an object; keys are UTF-8.
func (e *Encoder) Dict(keys []string, at func(string) any) error {
	return e.compound("{", "}", len(keys), func(i int) error {
		e.key(keys[i])
		return e.Value(at(keys[i]))
	})
}

// Keys are those of m, sorted.
func Keys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (e *Encoder) key(k string) {
	e.Text(k)
	e.Raw(":")
	if e.Indent != "" {
		e.Raw(" ")
	}
}

// compound appends n elements between brackets.
func (e *Encoder) compound(begin, end string, n int, element func(i int) error) error {
	if err := e.open(begin); err != nil {
		return err
	}
	for i := range n {
		e.next(i)
		if err := element(i); err != nil {
			return err
		}
	}
	e.shut(end, n)
	return nil
}

func (e *Encoder) open(bracket string) error {
	if e.depth++; e.depth > MaxDepth {
		return fmt.Errorf("encode value: nested deeper than %d", MaxDepth)
	}
	e.Raw(bracket)
	return nil
}

// next goes before the element with index i.
func (e *Encoder) next(i int) {
	if i > 0 {
		e.Raw(",")
	}
	e.line()
}

// shut ends what has n elements.
func (e *Encoder) shut(bracket string, n int) {
	if e.depth--; n > 0 {
		e.line()
	}
	e.Raw(bracket)
}

// line begins another line, if there are lines.
func (e *Encoder) line() {
	if e.Indent != "" {
		e.Raw("\n" + strings.Repeat(e.Indent, e.depth))
	}
}

// reflected appends values of named and compound types by their kind.
func (e *Encoder) reflected(v reflect.Value) error {
	if isNil(v) {
		return e.Value(nil)
	}
	if m, ok := v.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
		text, err := m.MarshalText()
		if err != nil {
			return err
		}
		return e.Value(string(text))
	}
	switch v.Kind() {
	case reflect.Bool:
		return e.Value(v.Bool())
	case reflect.String:
		return e.Value(v.String())
	case reflect.Slice, reflect.Array:
		return e.List(v.Len(), func(i int) any { return v.Index(i).Interface() })
	case reflect.Map:
		return e.reflectedMap(v)
	case reflect.Pointer:
		return e.Value(v.Elem().Interface())
	case reflect.Struct:
		return e.structure(v)
	}
	return e.number(v)
}

func isNil(v reflect.Value) bool {
	k := v.Kind()
	return (k == reflect.Pointer || k == reflect.Slice || k == reflect.Map) && v.IsNil()
}

func (e *Encoder) number(v reflect.Value) error {
	switch {
	case v.CanInt():
		e.B = strconv.AppendInt(e.B, v.Int(), 10)
	case v.CanUint():
		e.B = strconv.AppendUint(e.B, v.Uint(), 10)
	case v.CanFloat():
		return e.Value(v.Float())
	default:
		return fmt.Errorf("encode value: %s cannot be sent", v.Type())
	}
	return nil
}

func (e *Encoder) reflectedMap(v reflect.Value) error {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("encode value: %s cannot be sent", v.Type())
	}
	at := make(map[string]any, v.Len())
	for _, k := range v.MapKeys() {
		at[k.String()] = v.MapIndex(k).Interface()
	}
	return e.Value(at)
}

func (e *Encoder) structure(v reflect.Value) error {
	if err := e.open("{"); err != nil {
		return err
	}
	all, n := e.Shapes.of(v.Type()), 0
	for i := range all {
		x := v.FieldByIndex(all[i].index)
		if all[i].absent(x) {
			continue
		}
		e.next(n)
		n++
		e.key(all[i].name)
		if err := e.field(x); err != nil {
			return err
		}
	}
	e.shut("}", n)
	return nil
}

// field appends a field of a struct; what is of a type that nobody else knows, without
// a detour.
func (e *Encoder) field(v reflect.Value) error {
	if v.NumMethod() == 0 {
		switch k := v.Kind(); {
		case k == reflect.Bool:
			e.B = strconv.AppendBool(e.B, v.Bool())
			return nil
		case k == reflect.String && utf8.ValidString(v.String()):
			e.Text(v.String())
			return nil
		case v.CanInt():
			e.B = strconv.AppendInt(e.B, v.Int(), 10)
			return nil
		}
	}
	return e.Value(v.Interface())
}
