package document

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/json"
)

// words that YAML takes for something else.
var words = strings.Fields("true false yes no on off null True False Yes No On Off Null TRUE FALSE YES NO ON OFF NULL")

// Shown is docs as people write YAML, secrets masked.
func Shown(docs ...Document) string {
	parts := make([]string, len(docs))
	for i, d := range docs {
		parts[i] = strings.TrimPrefix(block(d, ""), "\n") + "\n"
	}
	return strings.Join(parts, "---\n")
}

// block is v after "key:", indented.
func block(v any, indent string) string {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return " {}"
		}
		var sb strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			sb.WriteString("\n" + indent + scalar(k) + ":" + block(v[k], indent+"  "))
		}
		return sb.String()
	case []any:
		if len(v) == 0 {
			return " []"
		}
		var sb strings.Builder
		for _, e := range v {
			// What is in a list stands right of its dash.
			sb.WriteString("\n" + indent + "-" + strings.Replace(block(e, indent+"  "), "\n"+indent+"  ", " ", 1))
		}
		return sb.String()
	}
	return " " + scalar(v)
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		if plain(v) && !slices.Contains(words, v) {
			return v
		}
		text, _ := json.Marshal(v) // a string always encodes
		return string(text)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case nil:
		return "null"
	}
	return fmt.Sprint(v) // a bool or a whole number; a secret is its mask
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// plain reports whether YAML takes s for itself, unless it is one of words.
func plain(s string) bool {
	return len(s) > 1 && strings.Trim(s, alphanumeric+"_./:=@-") == "" && strings.Contains(alphanumeric, s[len(s)-1:]) &&
		strings.Contains(alphanumeric[:52]+"/", s[:1])
}
