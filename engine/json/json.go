// Package json turns values into JSON and back, as much of it as programs on
// hosts need. It knows no host and nothing else of gokube's.
//
// It reads the tags of encoding/json (a name, "-", omitempty, omitzero) and takes
// names as they are written. Whole numbers become int where the type leaves it
// open, others float64. Values with MarshalText are written as that text, those
// with UnmarshalText read from it; channels, functions and maps without text keys
// are refused.
//
// # Decisions
//
// encoding/json would be a twentieth of the runner, which travels to every host:
// most of it is there for speed with types that are seen again and again, and for
// choices that nobody here makes. This is a parser, a printer and a walk over
// struct fields, and it is the only JSON that the runner may link.
package json

import (
	"fmt"
	"reflect"
)

// Marshal is v as JSON on one line; keys of maps are sorted.
func Marshal(v any) ([]byte, error) {
	e := Encoder{}
	err := e.Value(v)
	return e.B, err
}

// MarshalIndent is v as JSON on lines that begin with one indent for each level.
func MarshalIndent(v any, indent string) ([]byte, error) {
	e := Encoder{Indent: indent}
	err := e.Value(v)
	return e.B, err
}

// Unmarshal fills what to points to with data, which is one value and nothing
// after it. What data does not mention stays, as does what it gives as null; keys
// that to has no field for are passed over.
func Unmarshal(data []byte, to any) error {
	v := reflect.ValueOf(to)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("read JSON: %T is no pointer", to)
	}
	d := Decoder{B: data}
	if err := d.Into(v.Elem()); err != nil {
		return err
	}
	return d.End()
}

// SyntaxError is text that is no JSON, or does not fit where it is put.
type SyntaxError struct {
	What string // what is not as it should be
	At   int    // how many bytes come before
}

// Error is what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("read JSON: malformed %s at byte %d", e.What, e.At)
}
