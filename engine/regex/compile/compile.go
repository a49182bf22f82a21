// Package compile reads patterns, as package regexp does, and makes programs of them
// that package regex runs. It is for the controller: it knows no text to find them in.
package compile

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode"

	"github.com/gokube/gokube/engine/regex"
)

// Pattern is the one that is written text. flags are those that it begins with, such
// as m for ^ and $ at every line; "" is none.
func Pattern(flags, text string) (regex.Pattern, error) {
	written := text
	if flags != "" {
		written = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(written)
	if err != nil {
		return regex.Pattern{}, fmt.Errorf("%w (gokube's patterns are Go's: without lookahead and backreferences)", err)
	}
	tree, err := syntax.Parse(written, syntax.Perl)
	if err != nil {
		return regex.Pattern{}, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return regex.Pattern{}, err
	}
	out := &regex.Program{Start: prog.Start, Groups: re.SubexpNames(), Steps: make([]regex.Step, len(prog.Inst))}
	out.Anchored = prog.StartCond()&syntax.EmptyBeginText != 0
	out.Prefix, _ = prog.Prefix()
	for i := range prog.Inst {
		out.Steps[i] = step(&prog.Inst[i])
	}
	return regex.Of(text, out)
}

func step(in *syntax.Inst) regex.Step {
	s := regex.Step{Out: int(in.Out), Arg: int(in.Arg)}
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		s.Op = regex.Split
	case syntax.InstCapture:
		s.Op = regex.Group
	case syntax.InstEmptyWidth:
		s.Op = regex.Look // whose places are numbered alike
	case syntax.InstMatch:
		s.Op = regex.Match
	case syntax.InstFail:
		s.Op = regex.Fail
	case syntax.InstNop:
		s.Op = regex.Jump
	case syntax.InstRune, syntax.InstRune1:
		s.Op, s.Runes = regex.Take, runes(in)
	case syntax.InstRuneAny:
		s.Op, s.Runes = regex.Take, []rune{0, unicode.MaxRune}
	case syntax.InstRuneAnyNotNL:
		s.Op, s.Runes = regex.Take, []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	}
	return s
}

// runes are the pairs of characters that in takes, in order.
func runes(in *syntax.Inst) (out []rune) {
	if len(in.Rune) != 1 {
		return in.Rune
	}
	r := in.Rune[0]
	out = []rune{r, r}
	if syntax.Flags(in.Arg)&syntax.FoldCase == 0 {
		return out
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		out = append(out, f, f)
	}
	slices.Sort(out) // the two of a pair are the same
	return out
}
