package source

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/diag"
)

const (
	invalid       = "invalid YAML"                   // the Summary of every syntax error
	trustedByLine = "found unexpected end of stream" // its line is where the quote was opened
)

var (
	yamlError    = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	openTemplate = regexp.MustCompile(`^\s*(?:- +)*(?:[^\s'"#{][^'"#{]*:\s+)?(\{\{.*)$`)
	colonInValue = regexp.MustCompile(`^\s*(?:- +)?[^\s:]+:\s+[^'"|>\[{]`)
)

// syntax is a parse error with its place.
func (f *File) syntax(err error) error {
	line, text := split(err)
	if text != trustedByLine || line == 0 {
		line = f.locate(text)
	}
	d := diag.Diagnostic{Pos: diag.Pos{File: f.Name, Line: line}, Summary: invalid, Detail: text, Hint: f.hint(line, text)}
	if raw := f.text(line); strings.TrimSpace(raw) != "" {
		d.Pos.Col = len(raw) - len(strings.TrimLeft(raw, " \t")) + 1
		if m := openTemplate.FindStringSubmatchIndex(raw); m != nil {
			d.Pos.Col = m[2] + 1
		}
	}
	return d
}

// split cuts the parser's message into a line and what is wrong.
func split(err error) (line int, text string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// locate is the line at which the parser stops with text. The parser's own line
// is that of the enclosing collection, which may be far above: so the shortest
// start of the file with the same problem is looked for.
func (f *File) locate(text string) int {
	n := sort.Search(len(f.line), func(i int) bool {
		end := len(f.data)
		if i+1 < len(f.line) {
			end = f.line[i+1]
		}
		_, err := parse(f.data[:end])
		if err == nil {
			return false
		}
		_, got := split(err)
		return got == text
	})
	return min(n+1, len(f.line))
}

// hint is the way out of the slips that are made most.
func (f *File) hint(line int, text string) string {
	raw := f.text(line)
	if m := openTemplate.FindStringSubmatch(raw); m != nil {
		return fmt.Sprintf("quote a value that starts with {{: '%s'", strings.TrimSpace(m[1]))
	}
	switch {
	case strings.HasPrefix(strings.TrimLeft(raw, " "), "\t"):
		return "indent with spaces, not with tabs"
	case strings.Contains(text, "mapping values are not allowed") && colonInValue.MatchString(raw):
		return `quote a value that holds ": ", or look for a colon too many`
	case strings.Contains(text, "did not find expected") || strings.Contains(text, "mapping values are not allowed"):
		return "look at the indentation of this line and the one above"
	case strings.Contains(text, "cannot start any token"):
		return "quote a value that starts with %, @ or `"
	case text == trustedByLine:
		return "close the quote or bracket that is opened here"
	}
	return ""
}

// checkBytes finds what is no text, which the parser reports without a place.
func (f *File) checkBytes() error {
	for i := 0; i < len(f.data); {
		r, size := utf8.DecodeRune(f.data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			if i == 0 && len(f.data) > 1 && (f.data[0] >= 0xFE) {
				return nil // UTF-16, which the parser reads
			}
			return f.badByte(i, fmt.Sprintf("byte %#02x is not UTF-8", f.data[i]))
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7F:
			return f.badByte(i, fmt.Sprintf("control character %#02x", r))
		}
		i += size
	}
	return nil
}

func (f *File) badByte(at int, what string) error {
	n := sort.SearchInts(f.line, at+1)
	return diag.Diagnostic{Pos: diag.Pos{File: f.Name, Line: n, Col: at - f.line[n-1] + 1}, Summary: invalid, Detail: what}
}
