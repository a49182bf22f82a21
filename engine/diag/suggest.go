package diag

import (
	"fmt"
	"slices"
)

// Suggest is `did you mean "x"?` for the most alike of names, or "" if none is
// within two edits of name. names is not changed.
func Suggest(name string, names []string) string {
	if best := Nearest(name, names); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
}

// Nearest is the most alike of names, the first in order among equals, or "" if
// none is within two edits of name, or one where either is short.
func Nearest(name string, names []string) string {
	best, at := "", 3
	for _, n := range slices.Sorted(slices.Values(names)) {
		if d := distance(name, n); d < at && d < max(len(name), len(n)) && (d == 1 || min(len(name), len(n)) > 4) {
			best, at = n, d
		}
	}
	return best
}

// distance is how many bytes must be put in, left out, replaced or swapped with
// their neighbour to make b of a.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
