package json

import (
	"encoding/base64"
	"fmt"
	"reflect"
)

// Into reads one value into v, which can be set. Null leaves it as it is.
func (d *Decoder) Into(v reflect.Value) error {
	c := d.peek()
	if c == 'n' && d.word("null") {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		return d.pointer(v)
	}
	if c == '[' && v.Kind() == reflect.Slice {
		return d.slice(v)
	}
	if c == '"' && v.Type() == reflect.TypeFor[string]() {
		text, err := d.text()
		v.SetString(text)
		return err
	}
	if c == '{' && !d.tagNext() {
		return d.plain(v)
	}
	return d.any(v)
}

// plain reads an object that stands for nothing else.
func (d *Decoder) plain(v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Struct:
		return d.structure(v)
	case v.Kind() == reflect.Map && v.Type() != reflect.TypeFor[map[string]any]():
		return d.dict(v)
	}
	return d.any(v)
}

// any reads a value whose own kind decides what becomes of it.
func (d *Decoder) any(v reflect.Value) error {
	x, err := d.Value()
	if err != nil {
		return err
	}
	return d.set(v, x)
}

func (d *Decoder) pointer(v reflect.Value) error {
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return d.Into(v.Elem())
}

// tagNext reports whether the object that is next stands for something.
func (d *Decoder) tagNext() bool {
	if d.Tagged == nil {
		return false
	}
	ahead := *d
	ahead.at++
	ahead.peek()
	return len(d.B)-ahead.at > 1 && d.B[ahead.at] == '"' && d.B[ahead.at+1] == '$'
}

func (d *Decoder) structure(v reflect.Value) error {
	fs := d.Shapes.of(v.Type())
	return d.each('}', func() error {
		f, err := d.field(fs)
		if err != nil {
			return err
		}
		if f != nil {
			return d.Into(v.FieldByIndex(f.index))
		}
		_, err = d.Value()
		return err
	})
}

func (d *Decoder) dict(v reflect.Value) error {
	t := v.Type()
	if t.Key().Kind() != reflect.String {
		return d.Bad("value: " + t.String() + " is wanted, not an object,")
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	return d.each('}', func() error {
		key, err := d.key()
		if err != nil {
			return err
		}
		e := reflect.New(t.Elem()).Elem()
		if err := d.Into(e); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), e)
		return nil
	})
}

func (d *Decoder) slice(v reflect.Value) error {
	out := reflect.MakeSlice(v.Type(), 0, 0)
	err := d.each(']', func() error {
		if d.count++; d.count > maxValues {
			return d.Bad("value: too many in one message")
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := d.Into(e); err != nil {
			return err
		}
		out = reflect.Append(out, e)
		return nil
	})
	v.Set(out)
	return err
}

// set puts x, which is no nil, into v.
func (d *Decoder) set(v reflect.Value, x any) error {
	from := reflect.ValueOf(x)
	if from.Type().AssignableTo(v.Type()) {
		v.Set(from)
		return nil
	}
	if text, ok := x.(string); ok && v.CanAddr() {
		if u, ok := v.Addr().Interface().(interface{ UnmarshalText(text []byte) error }); ok {
			return u.UnmarshalText([]byte(text))
		}
	}
	if !fill(v, x) {
		return d.Bad(fmt.Sprintf("value: %s is wanted, not %T,", v.Type(), x))
	}
	return nil
}

// fill puts x into v, if it fits.
func fill(v reflect.Value, x any) bool {
	switch x := x.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return true
		}
	case string:
		return setText(v, x)
	case int:
		return setNumber(v, int64(x))
	case float64:
		if v.CanFloat() {
			v.SetFloat(x)
			return true
		}
	}
	return false
}

func setText(v reflect.Value, s string) bool {
	if v.Kind() == reflect.String {
		v.SetString(s)
		return true
	}
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Uint8 {
		return false
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err == nil {
		v.SetBytes(data)
	}
	return err == nil
}

func setNumber(v reflect.Value, n int64) bool {
	switch {
	case v.CanInt() && !v.OverflowInt(n):
		v.SetInt(n)
	case v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
	case v.CanFloat():
		v.SetFloat(float64(n))
	default:
		return false
	}
	return true
}
