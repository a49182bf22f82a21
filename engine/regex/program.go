package regex

import (
	"fmt"

	"github.com/gokube/gokube/engine/json"
)

// Program is what compile makes of a pattern.
type Program struct {
	Start    int      `json:"start"`
	Anchored bool     `json:"anchored"` // it is found nowhere but at the text's beginning
	Prefix   string   `json:"prefix"`   // what it always begins with
	Groups   []string `json:"groups"`   // their names, "" where there is none; the first is the whole
	Steps    []Step   `json:"steps"`
}

// Step is one of a program.
type Step struct {
	Op  Op  `json:"op"`
	Out int `json:"out"` // the step after it
	Arg int `json:"arg"`
	// Runes are pairs of a first and a last character.
	Runes []rune `json:"runes,omitempty"`
}

// Op is what a step does.
type Op int

// The kinds of steps.
const (
	Fail  Op = iota
	Match    // all of it has been found
	Jump     // go on at Out
	Split    // go on at Out, and where that leads nowhere at Arg
	Group    // the place is number Arg of the groups' beginnings and ends
	Look     // go on if the place is all that Arg says, a sum of the places below
	Take     // take a character that is within Runes
)

// The places that Look knows.
const (
	LineBegin = 1 << iota
	LineEnd
	TextBegin
	TextEnd
	WordEdge
	NoWordEdge
)

// Of is the pattern that is written text, of which compile made program.
func Of(text string, program *Program) (Pattern, error) {
	code, err := json.Marshal(program)
	if err != nil {
		return Pattern{}, fmt.Errorf("write pattern %q: %w", text, err)
	}
	return Read(text, string(code))
}

// Read is the pattern with the Text and the Code that another one has.
func Read(text, code string) (Pattern, error) {
	p := &Program{}
	if err := json.Unmarshal([]byte(code), p); err != nil {
		return Pattern{}, fmt.Errorf("read pattern %q: %w", text, err)
	}
	in := func(at int) bool { return at >= 0 && at < len(p.Steps) }
	ok := in(p.Start) && len(p.Groups) > 0
	for _, s := range p.Steps {
		ok = ok && in(s.Out) && len(s.Runes)%2 == 0 && (s.Op != Split || in(s.Arg)) && (s.Op != Group || s.Arg >= 0)
	}
	if !ok {
		return Pattern{}, fmt.Errorf("read pattern %q: it leads nowhere", text)
	}
	return Pattern{Text: text, Code: code, program: p}, nil
}
