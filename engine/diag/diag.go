// Package diag locates problems in source files and renders them with an
// excerpt and a suggestion. It does not know what the files mean.
//
// # Decisions
//
// A Diagnostic's Summary is a fixed text for one kind of problem, so that it can
// be searched for; the names involved are in Detail.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Pos is a place in a source file, line and column counted from 1; the zero Pos
// means "not from a file".
type Pos struct {
	File      string
	Line, Col int
}

// String renders p the way compilers and editors expect: file:line:col.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Diagnostic is one problem with a source file. It is also an error.
type Diagnostic struct {
	Pos     Pos
	Summary string // fixed text for one kind of problem
	Detail  string // the names involved
	Hint    string // the way out, such as `did you mean "state"?`
}

// Error renders d on one line.
func (d Diagnostic) Error() string {
	s := d.Summary
	if d.Detail != "" {
		s += ": " + d.Detail
	}
	if d.Hint != "" {
		s += ", " + d.Hint
	}
	if d.Pos != (Pos{}) {
		s = d.Pos.String() + ": " + s
	}
	return s
}

// List is an error made of diagnostics.
type List []Diagnostic

// Error is the only problem, or the first and how many more there are.
func (l List) Error() string {
	switch len(l) {
	case 0:
		return "no problems"
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%v (and %d more problems)", l[0], len(l)-1)
}

// Err is l sorted by place without repetitions as an error, nil if l is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return slices.Compact(l)
}

// Add appends err to l: each problem of a List, a Diagnostic as it is, and any
// other error as a Diagnostic at p. A nil err adds nothing.
func (l *List) Add(p Pos, err error) {
	var many List
	var one Diagnostic
	switch {
	case err == nil:
	case errors.As(err, &many):
		*l = append(*l, many...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, Diagnostic{Pos: p, Summary: err.Error()})
	}
}
