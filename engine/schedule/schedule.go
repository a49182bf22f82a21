// Package schedule decides which host does what next: how many at once, in which
// batches, and when failures stop the rest. It knows no SSH, YAML or modules.
//
// # Decisions
//
// The linear strategy is one Each per task: the barrier at its end is the
// strategy. The free strategy is one Each per play.
package schedule

// Size is a number of hosts, or a share of them in percent.
type Size struct{ Count, Percent int }

// Of is s for a play of n hosts: a share is rounded down and is at least 1.
func (s Size) Of(n int) int {
	if s.Percent > 0 {
		return max(1, n*s.Percent/100)
	}
	return s.Count
}

// Batches splits n hosts into the sizes of serial, of which the last repeats. No
// serial, or a size of 0 or less, means all that are left.
func Batches(n int, serial []Size) (out []int) {
	for left, i := n, 0; left > 0; i++ {
		size := left
		if len(serial) > 0 {
			if s := serial[min(i, len(serial)-1)].Of(n); s > 0 {
				size = min(s, left)
			}
		}
		out = append(out, size)
		left -= size
	}
	return out
}

// TooMany reports whether failed of n hosts is more than percent allows: strictly
// more. Every failure is too many for a percent of 0.
func TooMany(failed, n int, percent float64) bool {
	return n > 0 && float64(failed)*100 > percent*float64(n)
}
