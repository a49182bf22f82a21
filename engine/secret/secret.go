// Package secret is text that masks itself wherever it is printed. It knows
// nothing else of gokube.
package secret

// Mask is what is shown in place of a secret.
const Mask = "********"

// String is secret text. Every way of printing or encoding it gives Mask; only
// Reveal tells it.
type String string

// Reveal is the text itself. What it is handed to must keep it.
func (s String) Reveal() string { return string(s) }

// String is Mask.
func (s String) String() string { return Mask }

// GoString is Mask.
func (s String) GoString() string { return Mask }

// MarshalText is Mask, so that no encoder tells the secret.
func (s String) MarshalText() ([]byte, error) { return []byte(Mask), nil }
