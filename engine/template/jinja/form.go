package jinja

import (
	"regexp"
	"strconv"
)

// form is a Go expression and how more can be put to it.
type form struct {
	text string
	kind kind
}

type kind int

const (
	call  kind = iota // needs parentheses as an operand
	atom              // a literal, a variable: none needed
	path              // .a.b or $x.y: a field can be put to it
	index             // index .a "b": a key can be put to it
	text              // a string literal
)

// operand is f as an argument.
func (f form) operand() string {
	if f.kind == call || f.kind == index {
		return "(" + f.text + ")"
	}
	return f.text
}

// apply is a call of name with operands.
func apply(name string, args ...form) form {
	for _, a := range args {
		name += " " + a.operand()
	}
	return form{text: name}
}

var goName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// field is f.name.
func field(f form, name string) form {
	switch {
	case f.kind == index:
		return form{f.text + " " + strconv.Quote(name), index}
	case !goName.MatchString(name):
		return form{"index " + f.operand() + " " + strconv.Quote(name), index}
	case f.kind == path && f.text != ".":
		return form{f.text + "." + name, path}
	}
	return form{"(" + f.text + ")." + name, path}
}
