package json

import (
	"reflect"
	"strings"
)

// field is one field of a struct as JSON has it.
type field struct {
	name      string
	index     []int
	omitEmpty bool
	omitZero  bool
}

// Shapes are the fields of struct types, looked up once. Reading and writing values
// of other types looks theirs up each time. nil has none; it is never changed.
type Shapes map[reflect.Type][]field

// ShapesOf are those of ts and of all that is in them.
func ShapesOf(ts ...reflect.Type) Shapes {
	s := Shapes{}
	for _, t := range ts {
		s.add(t)
	}
	return s
}

func (s Shapes) add(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		s.add(t.Elem())
	case reflect.Struct:
		if _, known := s[t]; known {
			return
		}
		s[t] = fields(t)
		for _, f := range s[t] {
			s.add(t.FieldByIndex(f.index).Type)
		}
	}
}

func (s Shapes) of(t reflect.Type) []field {
	if fs, known := s[t]; known {
		return fs
	}
	return fields(t)
}

// fields are those of t that travel; those of an embedded struct are t's own.
func fields(t reflect.Type) (out []field) {
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous && sf.Type.Kind() == reflect.Struct && sf.Tag.Get("json") == "" {
			for _, f := range fields(sf.Type) {
				f.index = append([]int{i}, f.index...)
				out = append(out, f)
			}
		} else if f, ok := fieldOf(sf); ok {
			out = append(out, f)
		}
	}
	return out
}

func fieldOf(sf reflect.StructField) (f field, ok bool) {
	tag := sf.Tag.Get("json")
	if !sf.IsExported() || tag == "-" {
		return f, false
	}
	name, options, _ := strings.Cut(tag, ",")
	if f.name = name; name == "" {
		f.name = sf.Name
	}
	f.index = sf.Index
	f.omitEmpty = strings.Contains(options, "omitempty")
	f.omitZero = strings.Contains(options, "omitzero")
	return f, true
}

// absent reports whether f leaves v out.
func (f *field) absent(v reflect.Value) bool {
	if f.omitZero && v.IsZero() {
		return true
	}
	if !f.omitEmpty {
		return false
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
