package regex

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// search walks a program along a text, all ways at once, so that its time grows with
// the text and the program alone.
type search struct {
	*Program
	text string
	seen []int // for each step, one more than the place at which it was last come to
}

// way is a step that was come to, and the places of the groups on the way there.
type way struct {
	step   int
	groups []int
}

// none is what is before the text and behind it.
const none rune = -1

// find is the first match in text that begins at from or later: the first n numbers of
// Find. With none wanted it only is not nil if there is one, which is known earlier.
func (p Pattern) find(text string, from, n int) (match []int) {
	if p.program == nil {
		return nil
	}
	s := search{p.program, text, make([]int, len(p.program.Steps))}
	var ways, next []way
	for at := from; ; {
		if len(ways) == 0 {
			if match != nil {
				return match
			}
			if at = s.skip(at); at < 0 {
				return nil
			}
		}
		if match == nil {
			ways = s.follow(ways, s.Start, at, begun(at, n))
		}
		r, width := s.after(at)
		var better []int
		if next, better = s.take(next[:0], ways, r, at, at+width); better != nil {
			match = better
		}
		if width == 0 || n == 0 && match != nil {
			return match
		}
		ways, next, at = next, ways, at+width
	}
}

// take adds to next where the ways lead that take r, which is between two places; match
// is not nil if one of them ends before it.
func (s *search) take(next, ways []way, r rune, at, behind int) (on []way, match []int) {
	for _, w := range ways {
		step := &s.Steps[w.step]
		if step.Op == Match {
			return next, ended(at, w.groups) // the ways after it are less wanted
		}
		if step.takes(r) {
			next = s.follow(next, step.Out, behind, w.groups)
		}
	}
	return next, nil
}

// begun is the first n numbers of Find at the beginning of a match.
func begun(at, n int) []int {
	groups := slices.Repeat([]int{-1}, n)
	if n > 0 {
		groups[0] = at
	}
	return groups
}

func ended(at int, groups []int) []int {
	groups = append([]int{}, groups...)
	if len(groups) > 1 {
		groups[1] = at
	}
	return groups
}

// skip is the first place from at on where a match may begin, -1 if there is none.
func (s *search) skip(at int) int {
	if s.Anchored && at > 0 {
		return -1
	}
	if i := strings.Index(s.text[at:], s.Prefix); i >= 0 {
		return at + i
	}
	return -1
}

// follow adds to ways all steps that take something or match and can be come to from
// one at a place, the most wanted first.
func (s *search) follow(ways []way, step, at int, groups []int) []way {
	for s.seen[step] != at+1 {
		s.seen[step] = at + 1
		switch x := &s.Steps[step]; x.Op {
		case Fail:
			return ways
		case Split:
			ways = s.follow(ways, x.Out, at, groups)
			step = x.Arg
			continue
		case Group:
			if x.Arg < len(groups) {
				groups = slices.Clone(groups)
				groups[x.Arg] = at
			}
		case Look:
			if x.Arg&^s.place(at) != 0 {
				return ways
			}
		case Match, Take:
			return append(ways, way{step, groups})
		}
		step = s.Steps[step].Out
	}
	return ways
}

// after is the character at a place, none at the text's end.
func (s *search) after(at int) (rune, int) {
	if at >= len(s.text) {
		return none, 0
	}
	return utf8.DecodeRuneInString(s.text[at:])
}

// place is all that Look may look for at a place.
func (s *search) place(at int) (all int) {
	before := none
	if at > 0 {
		before, _ = utf8.DecodeLastRuneInString(s.text[:at])
	}
	after, _ := s.after(at)
	if before == none {
		all |= TextBegin | LineBegin
	}
	if before == '\n' {
		all |= LineBegin
	}
	if after == none {
		all |= TextEnd | LineEnd
	}
	if after == '\n' {
		all |= LineEnd
	}
	if isWord(before) != isWord(after) {
		return all | WordEdge
	}
	return all | NoWordEdge
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func (s *Step) takes(r rune) bool {
	for i := 0; i+1 < len(s.Runes) && s.Runes[i] <= r; i += 2 {
		if r <= s.Runes[i+1] {
			return true
		}
	}
	return false
}
