package source

import (
	"encoding/base64"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"gopkg.in/yaml.v3"
)

// Scalar is the text of one YAML string, or of a value with a tag of its own.
type Scalar struct {
	Value string
	Tag   string   // "!!str", or a local tag such as "!vault"
	At    diag.Pos // of the first character of Value if Exact, else of the whole scalar
	Exact bool     // Value stands in the file as it is, but for an indentation that is the same on each line
}

// Scalar is the text of n with its place. n must be a scalar node of f.
func (f *File) Scalar(n *yaml.Node) Scalar {
	s := Scalar{Value: n.Value, Tag: n.Tag, At: f.Pos(n)}
	lines := strings.Split(strings.TrimRight(n.Value, "\n"), "\n")
	first := diag.Pos{File: f.Name, Line: s.At.Line, Col: s.At.Col}
	switch {
	case n.Style&yaml.LiteralStyle != 0:
		first.Line++
		first.Col = f.indent(lines, first.Line)
	case len(lines) > 1 || n.Style&yaml.FoldedStyle != 0 || n.Style&yaml.TaggedStyle != 0:
		return s
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		first.Col++
	}
	if f.stands(lines, first) {
		s.At, s.Exact = first, true
	}
	return s
}

// indent is the column at which lines, which start at line number at, begin.
func (f *File) indent(lines []string, at int) int {
	for i, l := range lines {
		if l != "" {
			return len(f.text(at+i)) - len(l) + 1
		}
	}
	return 1
}

// stands tells whether lines are in the file at first and below.
func (f *File) stands(lines []string, first diag.Pos) bool {
	for i, l := range lines {
		raw := f.text(first.Line + i)
		if l == "" && strings.TrimSpace(raw) == "" {
			continue
		}
		if first.Col < 1 || first.Col-1 > len(raw) || !strings.HasPrefix(raw[first.Col-1:], l) {
			return false
		}
	}
	return true
}

var (
	integer = regexp.MustCompile(`^[-+]?(?:0|[1-9][0-9_]*|0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)$`)
	decimal = regexp.MustCompile(`^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$`)
)

// plain is what an unquoted s stands for; ok is false if s is just text.
func plain(s string) (v any, ok bool) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, true
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return math.Inf(1), true
	case "-.inf", "-.Inf", "-.INF":
		return math.Inf(-1), true
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), true
	}
	if c := s[0]; c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') {
		return nil, false
	}
	return number(s)
}

func number(s string) (any, bool) {
	digits := strings.ReplaceAll(s, "_", "")
	if integer.MatchString(s) {
		n, err := strconv.ParseInt(digits, 0, 64)
		return int(n), err == nil && int64(int(n)) == n
	}
	if decimal.MatchString(s) {
		n, err := strconv.ParseFloat(digits, 64)
		return n, err == nil
	}
	return nil, false
}

// tagged is s under an explicit standard tag.
func tagged(tag, s string) (any, bool) {
	v, ok := plain(s)
	switch tag {
	case "!!int":
		n, is := v.(int)
		return n, ok && is
	case "!!float":
		if n, is := v.(int); is {
			return float64(n), true
		}
		n, is := v.(float64)
		return n, ok && is
	case "!!bool":
		b, is := v.(bool)
		return b, ok && is
	case "!!null":
		return nil, ok && v == nil
	case "!!binary":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		return string(b), err == nil
	}
	return nil, false
}
