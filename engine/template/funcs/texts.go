package funcs

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func texts() []Function {
	return []Function{
		{"quote", "quote VALUE...", "Puts each value into double quotes, escaped as in JSON and YAML.", quote},
		{"squote", "squote VALUE...", "Puts each value into single quotes; a quote inside is doubled, as in YAML.", squote},
		{"shquote", "shquote TEXT", "Quotes a text as one word of a POSIX shell.", shquote},
		{"replace", "replace OLD NEW TEXT", "Replaces every OLD in TEXT by NEW.", replace},
		{"repeat", "repeat COUNT TEXT", "Repeats TEXT.", repeat},
		{"indent", "indent COUNT TEXT", "Puts COUNT spaces before each line.", indent},
		{"nindent", "nindent COUNT TEXT", "Starts a new line and puts COUNT spaces before each line.", nindent},
		{"wrapWith", "wrapWith COLUMN BREAK TEXT", "Breaks TEXT after at most COLUMN characters with BREAK.", wrapWith},
		{"join", "join SEPARATOR LIST", "Joins the elements of LIST to a text.", join},
		{"pathJoin", "pathJoin PART...", "Joins parts to a path and cleans it.", path.Join},
		{"regexReplace", "regexReplace PATTERN REPLACEMENT TEXT", "Replaces every match; $1 and ${name} stand for groups.", regexReplace},
		{"regexReplaceAll", "regexReplaceAll PATTERN TEXT REPLACEMENT", "Is regexReplace in sprig's order of arguments.", regexReplaceAll},
		{"regexReplaceAllLiteral", "regexReplaceAllLiteral PATTERN TEXT REPLACEMENT", "Is regexReplaceAll without groups.", regexReplaceAllLiteral},
		{"formatEach", "formatEach FORMAT LIST", `Formats each element as printf does: formatEach "https://%s:2379" .list.`, formatEach},
		{"print", "print VALUE...", "Prints the values in text; null prints as nothing.", printText},
		{"println", "println VALUE...", "Prints the values with spaces between and a line end.", printLine},
		{"printf", "printf FORMAT VALUE...", "Formats as Go's fmt does; null prints as nothing.", printf},
	}
}

func quote(values ...any) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			b, _ := json.Marshal(fmt.Sprint(v))
			out = append(out, unescapeHTML(string(b)))
		}
	}
	return strings.Join(out, " ")
}

func squote(values ...any) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			out = append(out, "'"+strings.ReplaceAll(fmt.Sprint(v), "'", "''")+"'")
		}
	}
	return strings.Join(out, " ")
}

var shellSafe = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

func shquote(s string) string {
	if shellSafe.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

func replace(old, with, s string) (string, error) {
	if err := fits(len(s) + product(strings.Count(s, old), len(with))); err != nil {
		return "", err
	}
	return strings.ReplaceAll(s, old, with), nil
}

func repeat(count int, s string) (string, error) {
	if count < 0 {
		return "", fmt.Errorf("a negative count: %d", count)
	}
	if err := fits(product(count, len(s))); err != nil {
		return "", err
	}
	return strings.Repeat(s, count), nil
}

func indent(count int, s string) (string, error) {
	if count < 0 {
		return "", fmt.Errorf("a negative count: %d", count)
	}
	if err := fits(len(s) + product(count, strings.Count(s, "\n")+1)); err != nil {
		return "", err
	}
	pad := strings.Repeat(" ", count)
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

func nindent(count int, s string) (string, error) {
	s, err := indent(count, s)
	return "\n" + s, err
}

func wrapWith(column int, sep, s string) (string, error) {
	if column < 1 {
		return "", fmt.Errorf("a column below 1: %d", column)
	}
	if err := fits(len(s) + product(len(s)/column+1, len(sep))); err != nil {
		return "", err
	}
	var lines []string
	runes := []rune(s)
	for len(runes) > column {
		lines, runes = append(lines, string(runes[:column])), runes[column:]
	}
	return strings.Join(append(lines, string(runes)), sep), nil
}

func join(sep string, list any) (string, error) {
	elements, err := elementsOf(list)
	if err != nil {
		return "", err
	}
	out, size := make([]string, 0, len(elements)), 0
	for _, e := range elements {
		switch e.(type) {
		case map[string]any, []any:
			return "", fmt.Errorf("an element is a map or a list")
		case nil:
			e = ""
		}
		out = append(out, fmt.Sprint(e))
		size += len(out[len(out)-1])
	}
	if err := fits(size + product(len(out), len(sep))); err != nil {
		return "", err
	}
	return strings.Join(out, sep), nil
}

func regexReplace(pattern, with, s string) (string, error) {
	return substitute(pattern, s, func(re *regexp.Regexp, m []int) string {
		return string(re.ExpandString(nil, with, s, m))
	})
}

func regexReplaceAll(pattern, s, with string) (string, error) { return regexReplace(pattern, with, s) }

func regexReplaceAllLiteral(pattern, s, with string) (string, error) {
	return substitute(pattern, s, func(*regexp.Regexp, []int) string { return with })
}

// substitute puts by's results in the place of every match and stops when the
// text gets too big.
func substitute(pattern, s string, by func(*regexp.Regexp, []int) string) (string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", err
	}
	var sb strings.Builder
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		sb.WriteString(s[end:m[0]])
		sb.WriteString(by(re, m))
		end = m[1]
		if err := fits(sb.Len()); err != nil {
			return "", err
		}
	}
	sb.WriteString(s[end:])
	return sb.String(), nil
}

func formatEach(format string, list any) ([]any, error) {
	elements, err := elementsOf(list)
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, len(elements))
	size := 0
	for _, e := range elements {
		s, err := printf(format, e)
		if err != nil {
			return nil, err
		}
		if size += len(s); size > MaxText {
			return nil, fits(size)
		}
		out = append(out, s)
	}
	return out, nil
}

func printText(values ...any) string { return fmt.Sprint(noNull(values)...) }

func printLine(values ...any) string { return fmt.Sprintln(noNull(values)...) }

var width = regexp.MustCompile(`%[^a-zA-Z%]*?(\*|[0-9]{4,})`)

// printf refuses widths that only fill memory.
func printf(format string, values ...any) (string, error) {
	if m := width.FindStringSubmatch(format); m != nil {
		return "", fmt.Errorf("a width of %s", m[1])
	}
	return fmt.Sprintf(format, noNull(values)...), nil
}

func noNull(values []any) []any {
	out := slices.Clone(values)
	for i := range out {
		if out[i] == nil {
			out[i] = ""
		}
	}
	return out
}

// unescapeHTML undoes what encoding/json does for browsers.
func unescapeHTML(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

func number(s string) (any, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && int64(int(n)) == n {
		return int(n), true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
