package module

import (
	"context"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Late is an argument that only a step needs: a token, a digest, a key. It is
// masked as a Secret is. In a check it may be unknown without making the task so:
// the plan does not depend on it, and so it is certain.
//
// What a step does with it must be said before it is read, or a check would not
// know what the step brings about: a command takes it by its Feed, a file by
// Content. A step that calls Value itself and ends in an unknown has told nothing;
// the engine then takes all that the task may change for unknown, and moduletest
// calls it a mistake.
type Late struct {
	text  secret.String
	why   unknown.Value
	known bool
	given bool
}

// NewLate is the Late that holds text.
func NewLate(text string) Late { return Late{text: secret.New(text), known: true, given: true} }

// Given reports whether the argument was given, known or not.
func (l Late) Given() bool { return l.given }

// Value is the text, "" if none was given. One that is not known yet is an
// unknown.Value as error; a plan that passes that on makes its task unknown.
func (l Late) Value() (string, error) {
	if l.given && !l.known {
		return "", tooLate{l.why}
	}
	return l.text.Reveal(), nil
}

// Feed is a command's Feed that makes its input of l's text.
func (l Late) Feed(input func(text string) ([]byte, error)) func() ([]byte, error) {
	return func() ([]byte, error) {
		text, err := l.Value()
		if err != nil {
			return nil, err
		}
		return input(text)
	}
}

// Content is what fill makes of l's text, for a file. While l is not known, neither
// is the content.
func (l Late) Content(fill func(text string) []byte) system.Content {
	text, err := l.Value()
	if err == nil {
		return system.Data(fill(text))
	}
	return system.Content{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, l.why }}
}

// String is the mask.
func (l Late) String() string { return secret.Mask }

// Format writes the mask, whatever the verb.
func (l Late) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secret.Mask) }

// MarshalText gives the mask, and so do JSON and most other encoders.
func (l Late) MarshalText() ([]byte, error) { return []byte(secret.Mask), nil }

// Equal tells whether l and m hold the same; go-cmp asks for it.
func (l Late) Equal(m Late) bool { return l == m }

// tooLate is the error of a Late that is not known, apart from an unknown that a
// System answers with: that one has been told what the step brings about.
type tooLate struct{ unknown.Value }

// Unwrap is what the Late depends on.
func (t tooLate) Unwrap() error { return t.Value }

// late is the Late that v stands for.
func late(v any) (Late, error) {
	if u, ok := v.(unknown.Value); ok {
		return Late{why: u, given: true}, nil
	}
	s, err := text(v)
	return NewLate(s), err
}

// Unknown is the first unknown in args that a plan would read: any but those of the
// type Late.
func (s *Schema) Unknown(args Args) (unknown.Value, bool) {
	read := make(map[string]any, len(args))
	for name, v := range args {
		if f := s.Field(name); f == nil || f.Type != LateText {
			read[name] = v
		}
	}
	return unknown.In(read)
}
