package wire

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// encoder writes values. What is no plain JSON is an object with one key that
// begins with a dollar.
type encoder struct {
	json.Encoder
	ctx   context.Context
	offer func(system.Content)
}

// encode appends v to b.
func encode(ctx context.Context, b []byte, v any, offer func(system.Content)) ([]byte, error) {
	e := encoder{Encoder: json.Encoder{B: b, Shapes: shapes}, ctx: ctx, offer: offer}
	e.Other = e.other
	err := e.Value(v)
	return e.B, err
}

// other appends what JSON has not: floats that are whole, texts that are none,
// maps whose keys could be taken for a tag, and what has a tag of its own.
func (e *encoder) other(v any) (done bool, err error) {
	switch v := v.(type) {
	case nil, bool, int:
		return false, nil
	case float64:
		e.float(v)
	case string:
		e.text(v)
	case map[string]any:
		return true, e.dict(v)
	case []byte:
		e.base64("$bytes", v)
	default:
		return e.special(v)
	}
	return true, nil
}

// float keeps a whole number a float by its decimal point.
func (e *encoder) float(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		e.Raw(`{"$float":"` + strconv.FormatFloat(f, 'g', -1, 64) + `"}`)
		return
	}
	at := len(e.B)
	e.B = strconv.AppendFloat(e.B, f, 'g', -1, 64)
	if !strings.ContainsAny(string(e.B[at:]), ".e") {
		e.Raw(".0")
	}
}

func (e *encoder) text(s string) {
	if !utf8.ValidString(s) {
		e.base64("$text", []byte(s))
		return
	}
	e.Text(s)
}

func (e *encoder) base64(tag string, data []byte) {
	e.Raw(`{"` + tag + `":"`)
	e.B = base64.StdEncoding.AppendEncode(e.B, data)
	e.Raw(`"}`)
}

// dict writes a map. One whose keys could be taken for a tag, or are no text,
// becomes a list of pairs.
func (e *encoder) dict(m map[string]any) error {
	keys := json.Keys(m)
	if !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "$") || !utf8.ValidString(k) }) {
		return e.Dict(keys, func(k string) any { return m[k] })
	}
	pairs := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		pairs = append(pairs, k, m[k])
	}
	return e.tag("$pairs", pairs)
}

func (e *encoder) tag(tag string, v any) error {
	e.Raw(`{"` + tag + `":`)
	err := e.Value(v)
	e.Raw("}")
	return err
}

// special writes what has a tag of its own.
func (e *encoder) special(v any) (done bool, err error) {
	switch v := v.(type) {
	case unknown.Value:
		return true, e.tag("$unknown", v.Why)
	case module.Pending:
		return true, e.tag("$pending", true)
	case secret.String:
		return true, e.tag("$secret", v.Reveal())
	case system.Content:
		return true, e.content(v)
	case module.Source:
		return true, e.source(v)
	case module.Template:
		return true, e.tag("$template", []any{v.Name, v.Content, v.Secret})
	case module.Conditions:
		return true, e.conditions(v)
	case module.Expression:
		return true, e.tag("$expression", []any{v.Text, v.Value})
	}
	return e.typed(reflect.ValueOf(v))
}

// typed refuses numbers that would not come back, and gives a list that is nil as
// an empty one, so that a template may range over it.
func (e *encoder) typed(v reflect.Value) (done bool, err error) {
	if v.CanUint() && v.Uint() > math.MaxInt64 {
		return true, fmt.Errorf("encode value: %d is too large", v.Uint())
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		e.Raw("[]")
		return true, nil
	}
	if v.Kind() == reflect.Float32 {
		e.float(v.Float())
		return true, nil
	}
	return false, nil
}

func (e *encoder) conditions(cs module.Conditions) error {
	flat := make([]any, 0, 2*len(cs))
	for _, c := range cs {
		flat = append(flat, c.Text, c.Holds)
	}
	return e.tag("$conditions", flat)
}

func (e *encoder) source(s module.Source) error {
	flat := make([]any, 0, 1+6*len(s.Entries))
	flat = append(flat, s.Name)
	for _, x := range s.Entries {
		flat = append(flat, x.Path, int(x.Type), int(x.Mode), x.Target, x.Content, x.Doubt)
	}
	return e.tag("$source", flat)
}
