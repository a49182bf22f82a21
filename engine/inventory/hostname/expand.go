package hostname

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limit is how many names one pattern may stand for.
const Limit = 100_000

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Expand lists the names that a pattern with ranges stands for, the last range
// running fastest: "n[01:03]", "db-[a:c]", "w[1:7:3]", several of them in one
// pattern. A text without a bracket stands for itself.
func Expand(pattern string) ([]string, error) {
	names := []string{""}
	for rest := pattern; ; {
		head, after, found := strings.Cut(rest, "[")
		if !found {
			return appendEach(names, []string{rest})
		}
		bounds, tail, closed := strings.Cut(after, "]")
		if !closed {
			return nil, errors.New("the bracket is not closed")
		}
		sequence, err := expandRange(bounds)
		if err != nil {
			return nil, err
		}
		for i := range sequence {
			sequence[i] = head + sequence[i]
		}
		if names, err = appendEach(names, sequence); err != nil {
			return nil, err
		}
		rest = tail
	}
}

// appendEach is every name followed by every suffix.
func appendEach(names, suffixes []string) ([]string, error) {
	if len(names)*len(suffixes) > Limit {
		return nil, tooMany()
	}
	out := make([]string, 0, len(names)*len(suffixes))
	for _, n := range names {
		for _, s := range suffixes {
			out = append(out, n+s)
		}
	}
	return out, nil
}

func tooMany() error { return fmt.Errorf("it stands for more than %d hosts", Limit) }

// expandRange lists what stands between brackets: begin:end or begin:end:step,
// both ends included.
func expandRange(text string) ([]string, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, errors.New("a range is begin:end or begin:end:step")
	}
	begin, end, step := parts[0], parts[1], 1
	if end == "" {
		return nil, errors.New("the end is missing")
	}
	if len(parts) == 3 {
		var err error
		if step, err = strconv.Atoi(parts[2]); err != nil || step < 1 {
			return nil, fmt.Errorf("the step %q is not a positive number", parts[2])
		}
	}
	if isLetter(begin) && isLetter(end) {
		return letterRange(begin, end, step)
	}
	return numberRange(begin, end, step)
}

func isLetter(s string) bool { return len(s) == 1 && strings.Contains(letters, s) }

func letterRange(begin, end string, step int) ([]string, error) {
	from, to := strings.Index(letters, begin), strings.Index(letters, end)
	if from > to {
		return nil, fmt.Errorf("it begins after its end, %q after %q", begin, end)
	}
	var out []string
	for ; from <= to; from += min(step, len(letters)) {
		out = append(out, letters[from:from+1])
	}
	return out, nil
}

func numberRange(begin, end string, step int) ([]string, error) {
	if begin == "" {
		begin = "0"
	}
	from, err1 := strconv.ParseUint(begin, 10, 31)
	to, err2 := strconv.ParseUint(end, 10, 31)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("%q and %q are not two numbers or two letters", begin, end)
	}
	width := 0
	if len(begin) > 1 && begin[0] == '0' {
		if width = len(begin); width != len(end) {
			return nil, fmt.Errorf("%q and %q are not of equal length", begin, end)
		}
	}
	if from > to {
		return nil, fmt.Errorf("it begins after its end, %s after %s", begin, end)
	}
	if (to-from)/uint64(step) >= Limit {
		return nil, tooMany()
	}
	out := make([]string, 0, (to-from)/uint64(step)+1)
	for ; from <= to; from += uint64(step) {
		out = append(out, fmt.Sprintf("%0*d", width, from))
	}
	return out, nil
}
