package vars

import (
	"fmt"
	"strings"
)

// split cuts text into words as a shell does: at white space outside of quotes
// and of templates. A backslash before a quote or a backslash takes it as it is.
func split(text string) ([]string, error) {
	s := splitter{rest: text}
	for s.rest != "" {
		s.step()
	}
	s.flush()
	if s.quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", s.quote)
	}
	return s.words, nil
}

type splitter struct {
	rest   string
	words  []string
	word   strings.Builder
	begun  bool // there is a word, even an empty one
	quote  byte // the one that is open, or 0
	inside bool // a template
}

func (s *splitter) step() {
	c := s.rest[0]
	switch {
	case strings.HasPrefix(s.rest, "{{"):
		s.inside = true
		s.take(2)
	case s.inside:
		s.inside = !strings.HasPrefix(s.rest, "}}")
		s.take(1)
	case c == '\\' && s.quote != '\'' && len(s.rest) > 1 && strings.IndexByte(`"'\`, s.rest[1]) >= 0:
		s.rest = s.rest[1:]
		s.take(1)
	case c == s.quote:
		s.quote = 0
		s.skip()
	case s.quote != 0:
		s.take(1)
	default:
		s.outside(c)
	}
}

// outside takes a character that is in no quotes.
func (s *splitter) outside(c byte) {
	switch c {
	case '"', '\'':
		s.quote, s.begun = c, true
		s.skip()
	case ' ', '\t', '\r', '\n':
		s.flush()
		s.skip()
	default:
		s.take(1)
	}
}

func (s *splitter) skip() { s.rest = s.rest[1:] }

func (s *splitter) take(n int) {
	s.word.WriteString(s.rest[:n])
	s.rest, s.begun = s.rest[n:], true
}

func (s *splitter) flush() {
	if s.begun {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.begun = false
}
