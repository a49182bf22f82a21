// Package funcs is the functions that templates may call: what sprig has, as far
// as it is pure, and what playbooks need beside it. It does not know how
// templates are evaluated, nor unknown values, nor secrets.
//
// # Decisions
//
// A function gives the same result for the same arguments on every machine, at
// any time, and changes none of them; or check and run could not agree. So there
// is no clock, no random, no environment, no network, no time zone, and no order
// of a map. sprig's functions are let in by name: a new one of its next version
// is out until someone has looked at it.
//
// The last argument is the one a pipe gives: `.list | where "name" "x"`. A
// result cannot be much bigger than the arguments together, unless the function
// says no: a template cannot fill the controller's memory.
package funcs

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/Masterminds/sprig/v3"
)

// Function is one function of templates, for documentation.
type Function struct {
	Name      string
	Signature string // such as `where KEY VALUE LIST`; "" for one of sprig's
	Summary   string // one sentence; "" for one of sprig's, which has its own documentation
	call      any
}

// Limits of what a function makes.
const (
	MaxText = 64 << 20  // bytes of a text
	MaxList = 1_000_000 // elements of a list made from numbers
)

var errTooBig = errors.New("the result is too big")

// All are the functions of this package by name; sprig's are not among them.
func All() []Function {
	all := slices.Concat(texts(), conversions(), lists(), dicts(), addresses(), versions())
	slices.SortFunc(all, func(a, b Function) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

// Sprig are the names of sprig's functions that templates may call, sorted.
func Sprig() []string { return slices.Sorted(slices.Values(borrowed())) }

// Map is every function by name, in a new map.
func Map() map[string]any {
	out := map[string]any{}
	from := sprig.GenericFuncMap()
	for _, n := range borrowed() {
		out[n] = from[n]
	}
	maps.Copy(out, ours())
	return out
}

func ours() map[string]any {
	out := map[string]any{}
	for _, f := range All() {
		out[f.Name] = f.call
	}
	return out
}

// fits is an error if a text of n bytes is too big.
func fits(n int) error {
	if n < 0 || n > MaxText {
		return fmt.Errorf("%w: more than %d MiB of text", errTooBig, MaxText>>20)
	}
	return nil
}

// product is a*b, or -1 if that is beyond any limit.
func product(a, b int) int {
	if a < 0 || b < 0 || b > 0 && a > (1<<40)/b {
		return -1
	}
	return a * b
}
