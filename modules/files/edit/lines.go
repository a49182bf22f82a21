package edit

import (
	"errors"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
)

// lines is a text cut into its lines.
type lines struct {
	text  []string
	final bool // the last one ends in a newline
}

func split(s string) lines {
	if s == "" {
		return lines{final: true}
	}
	l := lines{final: strings.HasSuffix(s, "\n")}
	l.text = strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return l
}

func (l lines) String() string {
	s := strings.Join(l.text, "\n")
	if len(l.text) > 0 && l.final {
		s += "\n"
	}
	return s
}

// insert puts more before line i. A last line that had no newline gets one.
func (l *lines) insert(i int, more ...string) {
	if i == len(l.text) {
		l.final = true
	}
	l.text = slices.Insert(l.text, i, more...)
}

// lineEdit is what lineinfile does to a text.
type lineEdit struct {
	line            string
	match           func(line string) bool // nil if only the line itself counts
	pattern         *module.Pattern        // of match, nil if that is a plain text
	after, before   *module.Pattern        // nil is the end of the file
	top             bool                   // before the first line
	backrefs, first bool                   // first: of several lines that match
	absent          bool
}

// apply is s edited until editing it again changes nothing: so all lines that
// match are replaced if the new line does not match itself. It is an error if that
// comes to no end.
func (e lineEdit) apply(s string) (string, error) {
	for range strings.Count(s, "\n") + 3 {
		next := e.once(s)
		if next == s {
			return s, nil
		}
		s = next
	}
	return s, errors.New("the new line matches the regexp and grows with each run: anchor the regexp so that it does not match the new line differently")
}

func (e lineEdit) once(s string) string {
	l := split(s)
	if e.absent {
		l.text = slices.DeleteFunc(l.text, e.goes)
		return l.String()
	}
	if at := e.found(l.text); at >= 0 {
		l.text[at] = e.filled(l.text[at])
		return l.String()
	}
	if e.backrefs || slices.Contains(l.text, e.line) {
		return s
	}
	l.insert(e.place(l.text), e.line)
	return l.String()
}

func (e lineEdit) goes(line string) bool {
	line = strings.TrimSuffix(line, "\r")
	if e.match != nil {
		return e.match(line)
	}
	return line == e.line
}

// found is the line to replace: the last that matches, or the first if that is
// wanted, -1 if none does.
func (e lineEdit) found(text []string) int {
	if e.match == nil {
		return slices.Index(text, e.line)
	}
	return pick(text, e.match, e.first)
}

// filled is the line that takes the place of old, with what the pattern's groups
// matched if that is wanted.
func (e lineEdit) filled(old string) string {
	if !e.backrefs || e.pattern == nil {
		return e.line
	}
	return e.pattern.Expand(e.line, old, e.pattern.Find(old))
}

// place is the index at which a line that is not there yet goes.
func (e lineEdit) place(text []string) int {
	switch {
	case e.top:
		return 0
	case e.after != nil:
		if at := pick(text, e.after.In, e.first); at >= 0 {
			return at + 1
		}
	case e.before != nil:
		if at := pick(text, e.before.In, e.first); at >= 0 {
			return at
		}
	}
	return len(text)
}

// pick is the index of the last line that matches, or of the first.
func pick(text []string, match func(string) bool, first bool) int {
	at := -1
	for i, line := range text {
		if match(strings.TrimSuffix(line, "\r")) {
			at = i
			if first {
				break
			}
		}
	}
	return at
}
