package pattern

import (
	"regexp"
	"strings"
)

// glob is the regular expression of a shell pattern as host patterns have it:
// * and ? match any character, [abc] and [!a-c] one of or none of a set, all
// else matches itself.
func glob(p string) *regexp.Regexp {
	var sb strings.Builder
	sb.WriteString(`(?s)^`)
	for i := 0; i < len(p); i++ {
		switch c := p[i]; c {
		case '*':
			sb.WriteString(`.*`)
		case '?':
			sb.WriteByte('.')
		case '[':
			set, size := charSet(p[i:])
			sb.WriteString(set)
			i += size - 1
		default:
			sb.WriteString(regexp.QuoteMeta(p[i : i+1]))
		}
	}
	sb.WriteByte('$')
	expr, err := regexp.Compile(sb.String())
	if err != nil { // a set with its bounds the wrong way round matches nothing
		return regexp.MustCompile(`\z\A.`)
	}
	return expr
}

// charSet is the expression of the set at the start of p and its length there. A
// bracket that is not closed stands for itself.
func charSet(p string) (expr string, size int) {
	start := 1
	if strings.HasPrefix(p[1:], "!") {
		start = 2
	}
	after := min(start+1, len(p)) // a ] right at the beginning is one of the set
	end := strings.IndexByte(p[after:], ']')
	if end < 0 {
		return `\[`, 1
	}
	end += after
	set := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`).Replace(p[start:end])
	if start == 2 {
		return `[^` + set + `]`, end + 1
	}
	return `[` + set + `]`, end + 1
}
