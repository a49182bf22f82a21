package playbook

import (
	"slices"
)

func or(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

// join is a new list unless one of the two is empty, so that siblings do not
// share a tail.
func join[T any](a, b []T) []T {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return slices.Concat(a, b)
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
