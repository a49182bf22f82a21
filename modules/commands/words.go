package commands

import (
	"fmt"
	"strings"
)

// words splits a command as a shell would: blanks separate, quotes and
// backslashes join. Nothing is expanded.
func words(s string) ([]string, error) {
	var p parser
	for _, r := range s {
		p.take(r)
	}
	if p.quote != 0 || p.escaped {
		return nil, fmt.Errorf("the command ends inside a quotation or after a backslash: %s", s)
	}
	p.end()
	return p.out, nil
}

// parser is the state of words.
type parser struct {
	out     []string
	word    strings.Builder
	begun   bool // there is a word, though it may be empty
	quote   rune // the quotation that is open, 0 if none is
	escaped bool // a backslash came before
}

func (p *parser) take(r rune) {
	switch {
	case p.escaped:
		p.escape(r)
	case r == '\\' && p.quote != '\'':
		p.escaped = true
	case p.quote != 0 && r == p.quote:
		p.quote = 0
	case p.quote != 0:
		p.word.WriteRune(r)
	case r == '\'' || r == '"':
		p.quote, p.begun = r, true
	case strings.ContainsRune(" \t\r\n", r):
		p.end()
	default:
		p.word.WriteRune(r)
		p.begun = true
	}
}

// escape takes what follows a backslash: a newline continues the line, and in
// double quotes the backslash stays unless it hides something.
func (p *parser) escape(r rune) {
	p.escaped = false
	if r == '\n' {
		return
	}
	if p.quote == '"' && !strings.ContainsRune("\"\\$`", r) {
		p.word.WriteByte('\\')
	}
	p.word.WriteRune(r)
	p.begun = true
}

func (p *parser) end() {
	if p.begun {
		p.out = append(p.out, p.word.String())
	}
	p.word.Reset()
	p.begun = false
}
