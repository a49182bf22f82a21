package object

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// YAML is v, made of maps, lists and scalars, as people read it: maps in the order
// of their keys, but for the four that begin an object, and texts of several lines
// as such.
func YAML(v any) string {
	var sb strings.Builder
	write(&sb, v, "")
	return strings.TrimPrefix(sb.String(), "\n")
}

// write writes v as what follows a key or a dash.
func write(sb *strings.Builder, v any, indent string) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			sb.WriteString(" {}\n")
			return
		}
		sb.WriteString("\n")
		for _, k := range keys(v) {
			sb.WriteString(indent + scalar(k) + ":")
			write(sb, v[k], deeper(v[k], indent))
		}
	case []any:
		if len(v) == 0 {
			sb.WriteString(" []\n")
			return
		}
		sb.WriteString("\n")
		for _, x := range v {
			writeItem(sb, x, indent)
		}
	case string:
		if blocks(v) {
			block(sb, v, indent)
			return
		}
		sb.WriteString(" " + scalar(v) + "\n")
	default:
		sb.WriteString(" " + scalar(v) + "\n")
	}
}

// writeItem writes x as an element of a list; a map begins beside the dash.
func writeItem(sb *strings.Builder, x any, indent string) {
	sb.WriteString(indent + "-")
	m, ok := x.(map[string]any)
	if !ok || len(m) == 0 {
		write(sb, x, indent+"  ")
		return
	}
	var inner strings.Builder
	write(&inner, m, indent+"  ")
	sb.WriteString(" " + strings.TrimPrefix(inner.String(), "\n"+indent+"  "))
}

// deeper is the indent of what is below a key: lists stand as deep as their key.
func deeper(v any, indent string) string {
	if _, ok := v.([]any); ok {
		return indent
	}
	return indent + "  "
}

// keys are those of m, what an object is before all others.
func keys(m map[string]any) (out []string) {
	first := []string{"apiVersion", "kind", "metadata", "name"}
	for _, k := range first {
		if _, ok := m[k]; ok {
			out = append(out, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(first, k) {
			out = append(out, k)
		}
	}
	return out
}

// block writes a text of several lines.
func block(sb *strings.Builder, s, indent string) {
	mark := " |-\n"
	if strings.HasSuffix(s, "\n") {
		mark = " |\n"
	}
	sb.WriteString(mark)
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		if line != "" {
			line = indent + line
		}
		sb.WriteString(line + "\n")
	}
}

// blocks reports whether s is shown in several lines: not if white space at its ends
// would need a mark of its own.
func blocks(s string) bool {
	return strings.Contains(s, "\n") && plainLines(s) && !strings.ContainsRune(" \t\n", rune(s[0])) && !strings.HasSuffix(s, "\n\n")
}

// plainLines reports whether nothing in s needs quotes but its line ends.
func plainLines(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFEFF' || r == '\uFFFD' || r == '\u0085' || r == '\u2028' || r == '\u2029'
	})
}

func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		if bare(v) {
			return v
		}
		return strconv.Quote(v) // Go's escapes are YAML's too
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strings.TrimSpace(string(Encode(v)))
}

// bare reports whether s is itself without quotes.
func bare(s string) bool {
	if s == "" || !plainLines(s) || strings.ContainsAny(s, "\n\t") || strings.TrimSpace(s) != s {
		return false
	}
	switch strings.ToLower(s) {
	case "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", ".nan":
		return false
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil || strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`=<0123456789.+", rune(s[0])) && !word(s) {
		return false
	}
	return !strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":")
}

// word reports whether s, which begins like a number or an option, is none that YAML
// would take for something else: 100m, or --option.
func word(s string) bool {
	if option := strings.TrimLeft(s, "-"); option != s {
		return option != "" && letter(rune(option[0]))
	}
	unit := strings.TrimLeft(s, "0123456789")
	return unit != s && unit != "" && !strings.ContainsRune("xXoObBeE", rune(unit[0])) && !strings.ContainsFunc(unit, func(r rune) bool { return !letter(r) })
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
