package ini

import (
	"errors"
	"strings"
)

// word is one word of a line, without its quotes, and the offset at which it
// begins.
type word struct {
	text string
	at   int
}

// Words cuts text into words as a shell does: quotes and backslashes keep spaces.
// A # is a character like any other.
func Words(text string) ([]string, error) {
	words, err := cut(text, 0, false)
	var out []string
	for _, w := range words {
		out = append(out, w.text)
	}
	return out, err
}

// split cuts line, from offset start, into words as a shell does; a # ends the
// line.
func split(line string, start int) ([]word, error) { return cut(line, start, true) }

func cut(line string, start int, comments bool) ([]word, error) {
	var words []word
	var text strings.Builder
	begin := -1 // of the word that is being read
	flush := func() {
		if begin >= 0 {
			words = append(words, word{text.String(), begin})
		}
		text.Reset()
		begin = -1
	}
	for i := start; i < len(line); {
		c := line[i]
		if comments && c == '#' {
			break
		}
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			flush()
			i++
			continue
		}
		if begin < 0 {
			begin = i
		}
		piece, size, err := next(line[i:])
		if err != nil {
			return nil, err
		}
		text.WriteString(piece)
		i += size
	}
	flush()
	return words, nil
}

// next is the first character or quoted text of s and its length in s.
func next(s string) (text string, size int, err error) {
	switch s[0] {
	case '\\':
		if len(s) < 2 {
			return "", 0, errors.New("nothing follows the last backslash")
		}
		return s[1:2], 2, nil
	case '\'':
		end := strings.IndexByte(s[1:], '\'')
		if end < 0 {
			return "", 0, errors.New("the quote ' is not closed")
		}
		return s[1 : end+1], end + 2, nil
	case '"':
		return doubleQuoted(s)
	}
	return s[:1], 1, nil
}

func doubleQuoted(s string) (text string, size int, err error) {
	var sb strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return sb.String(), i + 1, nil
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		sb.WriteByte(s[i])
	}
	return "", 0, errors.New(`the quote " is not closed`)
}
