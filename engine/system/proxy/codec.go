package proxy

import (
	"encoding/binary"
	"errors"
	"reflect"
)

var errMalformed = errors.New("read message: it is malformed")

// encode appends v: booleans, numbers, strings, slices, pointers and structs of
// such. Strings keep bytes that are no text, and a nil slice is not an empty one.
func encode(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		return append(b, truth(v.Bool()))
	case reflect.Int, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.String:
		return append(binary.AppendUvarint(b, uint64(v.Len())), v.String()...)
	case reflect.Pointer:
		b = append(b, truth(!v.IsNil()))
		if v.IsNil() {
			return b
		}
		return encode(b, v.Elem())
	case reflect.Slice:
		return encodeSlice(b, v)
	case reflect.Struct:
		for i := range v.NumField() {
			b = encode(b, v.Field(i))
		}
		return b
	case reflect.Func: // a command's Feed, which was called before
		return b
	}
	panic("proxy: a " + v.Type().String() + " cannot be sent")
}

func truth(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

func encodeSlice(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(v.Len())+1)
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return append(b, v.Bytes()...)
	}
	for i := range v.Len() {
		b = encode(b, v.Index(i))
	}
	return b
}

// decoder reads what encode has written; after the first error it reads nothing.
type decoder struct {
	b   []byte
	err error
}

// unmarshal fills what to points to with all of b.
func unmarshal(b []byte, to any) error {
	d := &decoder{b: b}
	d.decode(reflect.ValueOf(to).Elem())
	if d.err == nil && len(d.b) > 0 {
		d.err = errMalformed
	}
	return d.err
}

// marshal is v as bytes.
func marshal(v any) []byte { return encode(nil, reflect.ValueOf(v)) }

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.b)
	d.skip(size)
	return n
}

func (d *decoder) int() int64 {
	n, size := binary.Varint(d.b)
	d.skip(size)
	return n
}

func (d *decoder) skip(size int) {
	if size <= 0 {
		d.err, d.b = errMalformed, nil
		return
	}
	d.b = d.b[size:]
}

// bytes are the next n bytes, not copied.
func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.err, d.b = errMalformed, nil
		return nil
	}
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) decode(v reflect.Value) {
	if d.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.uint() != 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(d.int())
	case reflect.Uint32, reflect.Uint64, reflect.Uint8:
		v.SetUint(d.uint())
	case reflect.String:
		v.SetString(string(d.bytes(d.uint())))
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Slice:
		d.slice(v)
	case reflect.Struct:
		for i := range v.NumField() {
			d.decode(v.Field(i))
		}
	case reflect.Func:
	default:
		d.err = errMalformed
	}
}

func (d *decoder) pointer(v reflect.Value) {
	if d.uint() != 0 {
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(v.Elem())
	}
}

// slice grows as its elements come: a length alone makes no room.
func (d *decoder) slice(v reflect.Value) {
	n := d.uint()
	if n == 0 || d.err != nil {
		return
	}
	n--
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(d.bytes(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, int(min(n, 64)))
	for ; n > 0 && d.err == nil; n-- {
		if len(d.b) == 0 {
			d.err = errMalformed
			return
		}
		e := reflect.New(v.Type().Elem()).Elem()
		d.decode(e)
		out = reflect.Append(out, e)
	}
	v.Set(out)
}
