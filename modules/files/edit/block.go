package edit

import (
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
)

// blockEdit is what blockinfile does to a text.
type blockEdit struct {
	begin, end            string // the marker lines
	block                 string // what is between them; "" removes every block
	after, before         *module.Pattern
	top                   bool
	blankBefore, blankEnd bool // an empty line around a block that is put in
}

// apply is s with the block put in, replaced or removed. Applied again it changes
// nothing.
func (e blockEdit) apply(s string) string {
	l := split(s)
	from, to := e.find(l.text)
	if e.block == "" {
		for ; from >= 0; from, to = e.find(l.text) {
			l.text = slices.Delete(l.text, from, to)
		}
		return l.String()
	}
	block := e.lines()
	if from >= 0 {
		l.text = slices.Replace(l.text, from, to, block...)
		if from+len(block) == len(l.text) {
			l.final = true
		}
		return l.String()
	}
	from = e.place(l.text)
	if e.blankEnd && from < len(l.text) && l.text[from] != "" {
		block = append(block, "")
	}
	if e.blankBefore && from > 0 && l.text[from-1] != "" {
		block = slices.Insert(block, 0, "")
	}
	l.insert(from, block...)
	return l.String()
}

// find is the range of lines from the begin marker to after the end marker, -1
// if there is none. The last begin marker before an end marker counts: one that
// was left over is not taken for the start of all that follows.
func (e blockEdit) find(text []string) (from, to int) {
	from = -1
	for i, line := range text {
		switch line = strings.TrimSuffix(line, "\r"); {
		case line == e.begin:
			from = i
		case line == e.end && from >= 0:
			return from, i + 1
		}
	}
	return -1, -1
}

func (e blockEdit) lines() []string {
	return slices.Concat([]string{e.begin}, strings.Split(strings.TrimSuffix(e.block, "\n"), "\n"), []string{e.end})
}

func (e blockEdit) place(text []string) int {
	return lineEdit{after: e.after, before: e.before, top: e.top}.place(text)
}
