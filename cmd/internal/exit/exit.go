// Package exit is gokube's exit codes, and errors that carry one.
package exit

import "fmt"

// The codes; they are listed in --help.
const (
	OK          = 0
	Internal    = 1
	Failed      = 2
	Unreachable = 3
	Invalid     = 4
	Pending     = 5
	Interrupted = 130
)

// Error ends the program with a code; Err is what is still to be told, nil if
// everything has been.
type Error struct {
	Code int
	Err  error
}

// Error is Err's text.
func (e *Error) Error() string { return fmt.Sprint(e.Err) }

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

// Wrong is err as a mistake in what the user wrote; nil stays nil.
func Wrong(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Invalid, err}
}
