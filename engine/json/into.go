package json

import (
	"encoding/base64"
	"fmt"
	"reflect"
)

// Into reads one value into v, which can be set. Null leaves it as it is.
func (d *Decoder) Into(v reflect.Value) error {
	c := d.peek()
	switch k := v.Kind(); {
	case c == 'n' && d.word("null"):
		return nil
	case k == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.Into(v.Elem())
	case c == '{' && k == reflect.Struct && !d.tagNext():
		return d.structure(v)
	case c == '{' && k == reflect.Map && v.Type().Key().Kind() == reflect.String && !d.tagNext():
		return d.dict(v)
	case c == '[' && k == reflect.Slice:
		return d.slice(v)
	}
	x, err := d.Value()
	if err != nil {
		return err
	}
	if text, ok := x.(string); ok && v.CanAddr() {
		if u, ok := v.Addr().Interface().(interface{ UnmarshalText(text []byte) error }); ok {
			return u.UnmarshalText([]byte(text))
		}
	}
	return d.set(v, x)
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
	fs := fields(v.Type())
	return d.each('}', func() error {
		key, err := d.key()
		if err != nil {
			return err
		}
		for _, f := range fs {
			if f.name == key {
				return d.Into(v.FieldByIndex(f.index))
			}
		}
		_, err = d.Value()
		return err
	})
}

func (d *Decoder) dict(v reflect.Value) error {
	t := v.Type()
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
	fits := false
	switch x := x.(type) {
	case bool:
		if fits = v.Kind() == reflect.Bool; fits {
			v.SetBool(x)
		}
	case string:
		fits = setText(v, x)
	case int:
		fits = setNumber(v, int64(x))
	case float64:
		if fits = v.CanFloat(); fits {
			v.SetFloat(x)
		}
	}
	if !fits {
		return d.Bad(fmt.Sprintf("value: %s is wanted, not %T,", v.Type(), x))
	}
	return nil
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
