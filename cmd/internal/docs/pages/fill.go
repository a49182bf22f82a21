package pages

import (
	"fmt"
	"strings"
)

// begin and end are the comments around a derived part.
func begin(name string) string { return "<!-- derived from the code: " + name + " -->\n" }
func end(name string) string   { return "<!-- end of " + name + " -->\n" }

// fill is page with its derived parts made anew. Each must have its place.
func fill(page string, parts []part) (string, error) {
	for _, p := range parts {
		name, text, err := p()
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		before, rest, ok := strings.Cut(page, begin(name))
		_, after, ended := strings.Cut(rest, end(name))
		if !ok || !ended {
			return "", fmt.Errorf("no place for %s between %q and %q", name, strings.TrimSpace(begin(name)), strings.TrimSpace(end(name)))
		}
		page = before + begin(name) + "\n" + strings.TrimSpace(text) + "\n\n" + end(name) + after
	}
	return page, nil
}
