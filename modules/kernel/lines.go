package kernel

import (
	"slices"
	"strings"
)

// edit is text after change has been applied to its lines. A text whose lines stay
// as they are stays as it is, with or without a newline at its end.
func edit(text string, change func([]string) []string) string {
	var lines []string
	if text != "" {
		lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	after := change(slices.Clone(lines))
	if slices.Equal(lines, after) {
		return text
	}
	if len(after) == 0 {
		return ""
	}
	return strings.Join(after, "\n") + "\n"
}
