// Package pattern reads host patterns: which terms they have and which names a
// term matches.
//
// It does not know hosts or groups; the inventory says what the names are.
//
// # Decisions
//
// Patterns are split as Ansible splits them, so that an IPv6 address or a range
// in brackets is not torn at its colons: by commas if there are any, else by
// colons unless the whole is an address.
package pattern

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/inventory/hostname"
)

// Op is what a term does to the hosts found before it.
type Op byte

// The operations, in the order in which they are carried out, whatever the order
// in the text.
const (
	Union        Op = iota // x
	Intersection           // &x
	Exclusion              // !x
)

// Term is one part of a pattern. It is not changed after Parse.
type Term struct {
	Text      string // as written, with its & or !
	Op        Op
	Name      string // a name, a glob, or a regular expression after ~
	Subscript *Subscript

	expr *regexp.Regexp // nil for a plain name
}

// Subscript picks from the hosts of a term: one, or a slice with both ends
// included. Negative indexes count from the end.
type Subscript struct {
	From, To int
	Slice    bool
}

// Parse reads patterns, each of which may hold several terms. Empty terms are
// left out. The error names the term that is no pattern.
func Parse(patterns ...string) ([]Term, error) {
	var terms []Term
	for _, p := range patterns {
		for _, text := range Split(p) {
			t, err := ParseTerm(text)
			if err != nil {
				return nil, err
			}
			terms = append(terms, t)
		}
	}
	return terms, nil
}

// Split cuts a pattern into the texts of its terms.
func Split(p string) []string {
	var parts []string
	switch {
	case strings.Contains(p, ","):
		parts = strings.Split(p, ",")
	case isAddress(p):
		parts = []string{p}
	default:
		parts = splitColons(p)
	}
	terms := parts[:0]
	for _, t := range parts {
		if t = strings.TrimSpace(t); t != "" {
			terms = append(terms, t)
		}
	}
	return terms
}

func isAddress(p string) bool {
	_, _, ok := hostname.Split(p)
	return ok
}

// splitColons cuts p at colons and spaces that are not inside brackets.
func splitColons(p string) []string {
	inside := false
	return strings.FieldsFunc(p, func(r rune) bool {
		switch r {
		case '[':
			inside = true
		case ']':
			inside = false
		case ':', ' ', '\t', '\n', '\r':
			return !inside
		}
		return false
	})
}

// ParseTerm reads one term.
func ParseTerm(text string) (Term, error) {
	t := Term{Text: text, Name: text}
	switch text[0] {
	case '&':
		t.Op, t.Name = Intersection, text[1:]
	case '!':
		t.Op, t.Name = Exclusion, text[1:]
	}
	if t.Name == "" {
		return t, fmt.Errorf("%q names no host or group", text)
	}
	if t.IsRegexp() {
		return t.withRegexp()
	}
	if err := t.cutSubscript(); err != nil {
		return t, err
	}
	if strings.ContainsAny(t.Name, "*?[") {
		t.expr = glob(t.Name)
	}
	return t, nil
}

func (t Term) withRegexp() (Term, error) {
	expr, err := regexp.Compile(`^(?:` + t.Name[1:] + `)`)
	if err != nil {
		return t, fmt.Errorf("%q is no regular expression: %w", t.Name[1:], err)
	}
	t.expr = expr
	return t, nil
}

// IsRegexp tells whether t is written as ~expression.
func (t Term) IsRegexp() bool { return strings.HasPrefix(t.Name, "~") }

// IsPlain tells whether t matches one name only, its Name.
func (t Term) IsPlain() bool { return t.expr == nil }

// AlsoHosts tells whether t is to be compared with host names too when it has
// matched a group: it may be a pattern or the name of a host.
func (t Term) AlsoHosts() bool { return t.IsRegexp() || strings.ContainsAny(t.Name, ".?*[") }

// Match tells whether name is one that t means. A regular expression need only
// match the beginning of name.
func (t Term) Match(name string) bool {
	if t.expr == nil {
		return t.Name == name
	}
	return t.expr.MatchString(name)
}

var subscript = regexp.MustCompile(`^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$`)

func (t *Term) cutSubscript() error {
	m := subscript.FindStringSubmatch(t.Name)
	if m == nil {
		return nil
	}
	t.Name = m[1]
	s := &Subscript{To: -1, Slice: m[2] == ""}
	var err error
	if s.From, err = strconv.Atoi(m[2] + m[3]); err != nil {
		return fmt.Errorf("the subscript of %q is out of range", t.Text)
	}
	if m[4] != "" {
		if s.To, err = strconv.Atoi(m[4]); err != nil {
			return fmt.Errorf("the subscript of %q is out of range", t.Text)
		}
	}
	t.Subscript = s
	return nil
}

// Bounds are the first index and the one after the last that s picks of n > 0
// hosts. ok is false if s is a single index that there is not.
func (s Subscript) Bounds(n int) (from, end int, ok bool) {
	if s.Slice {
		end = n
		if s.To >= 0 {
			end = min(s.To+1, n)
		}
		return min(s.From, end), end, true
	}
	from = s.From
	if from < 0 {
		from += n
	}
	return from, from + 1, from >= 0 && from < n
}
