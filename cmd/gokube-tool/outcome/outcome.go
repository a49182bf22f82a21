// Package outcome is how a subcommand of gokube-tool ends: exit codes, and errors
// that carry one. It knows no subcommand.
package outcome

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Exit codes beside 0 and 1.
const (
	Usage    = 2
	Connect  = 3 // name lookup, connection, proxy
	TLS      = 4
	Status   = 5 // the answer is not 2xx
	Short    = 6 // the answer ended early, or took too long
	Checksum = 7
	Write    = 8 // what was made cannot be written
	Input    = 9 // what was read is not what it should be
)

// Failure is an error with its exit code.
type Failure struct {
	Code int
	Err  error
}

// Error is the error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap is the error.
func (f *Failure) Unwrap() error { return f.Err }

// Misuse is a Failure of the command line or of what comes with it.
func Misuse(format string, args ...any) error {
	return &Failure{Usage, fmt.Errorf(format, args...)}
}

// Bad is a Failure of what was read.
func Bad(format string, args ...any) error {
	return &Failure{Input, fmt.Errorf(format, args...)}
}

// Code is the exit code for err, which may be nil.
func Code(err error) int {
	var f *Failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &f):
		return f.Code
	}
	return 1
}

const maxInput = 16 << 20

// Options reads one JSON object from in into v. Nothing but white space leaves v
// as it is; a field that v does not have is refused.
func Options(in io.Reader, v any) error {
	text, err := io.ReadAll(io.LimitReader(in, maxInput))
	if err != nil {
		return Misuse("read options: %w", err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return Misuse("read options: %w", err)
	}
	if d.More() {
		return Misuse("read options: more than one object")
	}
	return nil
}

// Print writes v as JSON on a line.
func Print(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return &Failure{Write, err}
	}
	return nil
}
