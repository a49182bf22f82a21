// Package jinja shows someone who writes Jinja the Go form of it. It translates
// for people to read; nothing is ever run through it, and what it does not know
// it does not guess.
package jinja

import (
	"regexp"
	"strings"
	"text/template/parse"
)

var (
	statement = regexp.MustCompile(`\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|macro|endmacro|raw|endraw|include|import|from|block|endblock|filter|call|extends|do|with|endwith)\b`)
	comment   = regexp.MustCompile(`\{#-?\s[^#}]*\s-?#\}`)
	part      = regexp.MustCompile(`(?s)\{%[-+]?\s*(\w+)\s*(.*?)\s*[-+]?%\}|\{\{-?\s*(.*?)\s*-?\}\}|\{#-?\s*(.*?)\s*-?#\}`)
	loop      = regexp.MustCompile(`^(\w+)(?:\s*,\s*(\w+))?\s+in\s+(.*?)(?:\s+if\s+.*)?$`)
	setting   = regexp.MustCompile(`(?s)^(\w+)\s*=\s*(.*)$`)
)

// Statement is the offset of the first Jinja statement or comment in src, -1 if
// there is none: the parts of Jinja that Go templates would print as they are.
func Statement(src string) int {
	if !strings.Contains(src, "{%") && !strings.Contains(src, "{#") {
		return -1
	}
	at := -1
	for _, re := range []*regexp.Regexp{statement, comment} {
		if m := re.FindStringIndex(src); m != nil && (at < 0 || m[0] < at) {
			at = m[0]
		}
	}
	return at
}

// Hint is the Go form of the Jinja in src at or after the offset at, or "" if it
// knows none or it would not differ. Of a short src it is the whole.
func Hint(src string, at int) string {
	if len(src) <= 160 && !strings.Contains(src, "\n") {
		if out, ok := translate(src); ok && parses(out) {
			return out
		}
	}
	vars := map[string]string{}
	for _, m := range part.FindAllStringSubmatchIndex(src, -1) {
		was := src[m[0]:m[1]]
		if out, ok := one(was, vars); ok && m[1] > at && out != was {
			return out
		}
	}
	return ""
}

// Condition is the Go form of the bare expression src, "" if it knows none or
// it would not differ.
func Condition(src string) string {
	out, ok := expression(strings.Trim(src, "{} \n"), nil)
	if !ok || out == src || !parses("{{ "+out+" }}") {
		return ""
	}
	return out
}

// parses tells whether src is a Go template, whatever its functions and names:
// a hint that is none would help nobody.
func parses(src string) bool {
	t := parse.New("")
	t.Mode = parse.SkipFuncCheck
	_, err := t.Parse(src, "", "", map[string]*parse.Tree{})
	return err == nil
}

// translate is src with every part of Jinja in Go form; ok is false if there is
// none or one of them has no Go form known.
func translate(src string) (out string, ok bool) {
	vars := map[string]string{}
	ok = true
	out = part.ReplaceAllStringFunc(src, func(was string) string {
		s, known := one(was, vars)
		ok = ok && known
		return s
	})
	return out, ok && out != src
}

// one is one statement, expression or comment in Go form. vars are the names
// that loops and assignments have bound so far.
func one(src string, vars map[string]string) (string, bool) {
	m := part.FindStringSubmatch(src)
	if m == nil {
		return src, false
	}
	word, rest := m[1], m[2]
	switch {
	case strings.HasPrefix(src, "{#"):
		return "{{/* " + m[4] + " */}}", true
	case word == "":
		out, ok := expression(m[3], vars)
		return "{{ " + out + " }}", ok
	}
	return block(word, rest, vars)
}

func block(word, rest string, vars map[string]string) (string, bool) {
	switch word {
	case "if":
		out, ok := expression(rest, vars)
		return "{{ if " + out + " }}", ok
	case "elif":
		out, ok := expression(rest, vars)
		return "{{ else if " + out + " }}", ok
	case "else":
		return "{{ else }}", true
	case "endif", "endfor":
		return "{{ end }}", true
	case "for":
		return forLoop(rest, vars)
	case "set":
		m := setting.FindStringSubmatch(rest)
		if m == nil {
			return "", false
		}
		out, ok := expression(m[2], vars)
		vars[m[1]] = "$" + m[1]
		return "{{ $" + m[1] + " := " + out + " }}", ok
	}
	return "", false
}

func forLoop(rest string, vars map[string]string) (string, bool) {
	m := loop.FindStringSubmatch(rest)
	if m == nil {
		return "", false
	}
	over := strings.TrimSuffix(m[3], ".items()")
	out, ok := expression(over, vars)
	vars["loop"] = ""
	if m[2] == "" {
		vars[m[1]] = "$" + m[1]
		return "{{ range $" + m[1] + " := " + out + " }}", ok
	}
	vars[m[1]], vars[m[2]] = "$"+m[1], "$"+m[2]
	return "{{ range $" + m[1] + ", $" + m[2] + " := " + out + " }}", ok
}
