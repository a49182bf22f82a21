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
// none is within two edits of name.
func Nearest(name string, names []string) string {
	best, at := "", 3
	for _, n := range slices.Sorted(slices.Values(names)) {
		if d := distance(name, n); d < at && d < max(len(name), len(n)) {
			best, at = n, d
		}
	}
	return best
}

// distance is the Levenshtein distance of a and b in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
