package funcs

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

func versions() []Function {
	return []Function{
		{"versionCompare", "versionCompare OPERATOR OTHER VERSION",
			`Compares versions loosely, v1.31 with 1.31.2-rc.1 or 5.15.0-91-generic: .version | versionCompare ">=" "1.31". Operators are == != < <= > >=.`, versionCompare},
	}
}

func versionCompare(operator, other, version string) (bool, error) {
	a, aok := parseVersion(version)
	b, bok := parseVersion(other)
	switch {
	case !aok:
		return false, fmt.Errorf("%q is not a version", version)
	case !bok:
		return false, fmt.Errorf("%q is not a version", other)
	}
	c := a.compare(b)
	switch operator {
	case "==", "=", "eq":
		return c == 0, nil
	case "!=", "<>", "ne":
		return c != 0, nil
	case "<", "lt":
		return c < 0, nil
	case "<=", "le":
		return c <= 0, nil
	case ">", "gt":
		return c > 0, nil
	case ">=", "ge":
		return c >= 0, nil
	}
	return false, fmt.Errorf("%q is not an operator, which are == != < <= > >=", operator)
}

// version is a loose version: numbers, and what follows them.
type version struct {
	numbers []string // without leading zeros
	rest    []string // alternating text and digits
	before  bool     // rest marks what comes before the release: rc, beta
}

var (
	looseVersion = regexp.MustCompile(`^[vV]?(\d+(?:\.\d+)*)(.*)$`)
	preRelease   = regexp.MustCompile(`^[-.~]?(?i:alpha|beta|pre|rc|dev|snapshot|a\d|b\d)|^~`)
	chunk        = regexp.MustCompile(`\d+|[A-Za-z]+`)
)

func parseVersion(s string) (version, bool) {
	m := looseVersion.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return version{}, false
	}
	v := version{numbers: strings.Split(m[1], "."), before: preRelease.MatchString(m[2])}
	for i, n := range v.numbers {
		v.numbers[i] = strings.TrimLeft(n, "0")
	}
	rest, _, _ := strings.Cut(m[2], "+") // what was built of it does not count
	v.rest = chunk.FindAllString(rest, -1)
	return v, true
}

func (v version) compare(w version) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if c := compareDigits(part(v.numbers, i), part(w.numbers, i)); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(v.rank(), w.rank()); c != 0 {
		return c
	}
	for i := range max(len(v.rest), len(w.rest)) {
		if c := compareChunks(part(v.rest, i), part(w.rest, i)); c != 0 {
			return c
		}
	}
	return 0
}

// rank orders 1.0-rc1, 1.0 and 1.0-2.
func (v version) rank() int {
	switch {
	case v.before:
		return 0
	case len(v.rest) == 0:
		return 1
	}
	return 2
}

func part(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// compareDigits compares numbers of any length without leading zeros.
func compareDigits(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func compareChunks(a, b string) int {
	if a == "" || b == "" || a[0] > '9' || b[0] > '9' {
		return cmp.Compare(a, b)
	}
	return compareDigits(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}
