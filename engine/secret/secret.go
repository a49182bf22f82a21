// Package secret is text that must not be shown: it masks itself wherever it is
// printed or encoded. It does not know where secrets come from or who may see
// them.
//
// # Decisions
//
// A String is a struct and not a named string, so that no conversion, no format
// verb and no encoder reaches the text by accident: Reveal is the only way out,
// and the places that call it can be counted.
package secret

import (
	"fmt"
	"io"
)

// Mask is what is shown instead of a secret, whatever its length.
const Mask = "********"

// String is a secret text. The zero String is the empty text. Two Strings are
// equal by == if their texts are.
type String struct{ text string }

// New makes text a secret.
func New(text string) String { return String{text} }

// Reveal is the text itself, for the one who must send or write it.
func (s String) Reveal() string { return s.text }

// Equal tells whether s and t hide the same text; go-cmp asks for it.
func (s String) Equal(t String) bool { return s == t }

// String is the Mask.
func (s String) String() string { return Mask }

// Format writes the Mask, whatever the verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// MarshalText gives the Mask, and so do JSON and most other encoders.
func (s String) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalYAML gives the Mask.
func (s String) MarshalYAML() (any, error) { return Mask, nil }

// Hide is x with every string in it, but for the keys of maps, made a String.
// It copies what it changes. Numbers, bools and null stay: they are what a
// secret decides, not the secret.
func Hide(x any) any {
	switch x := x.(type) {
	case string:
		return String{x}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = Hide(x[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			out[k] = Hide(x[k])
		}
		return out
	}
	return x
}

// Reveal is x with every String in it made a string. It copies what it changes;
// found tells whether there was one.
func Reveal(x any) (plain any, found bool) {
	switch x := x.(type) {
	case String:
		return x.text, true
	case []any:
		out := make([]any, len(x))
		for i := range x {
			v, ok := Reveal(x[i])
			out[i], found = v, found || ok
		}
		return out, found
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			v, ok := Reveal(x[k])
			out[k], found = v, found || ok
		}
		return out, found
	}
	return x, false
}
