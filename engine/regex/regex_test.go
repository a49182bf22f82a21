package regex_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/regex"
	"github.com/gokube/gokube/engine/regex/compile"
)

// agree checks that a pattern is found where package regexp finds it.
func agree(t *testing.T, flags, pattern, text string) {
	t.Helper()
	p, err := compile.Pattern(flags, pattern)
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	re, bad := regexp.Compile(pattern)
	if (err == nil) != (bad == nil) {
		t.Fatalf("%q: %v, package regexp says %v", pattern, err, bad)
	}
	if err != nil {
		return
	}
	if got, want := p.In(text), re.MatchString(text); got != want {
		t.Fatalf("%q in %q: %v, want %v", pattern, text, got, want)
	}
	if diff := cmp.Diff(re.FindStringSubmatchIndex(text), p.Find(text)); diff != "" {
		t.Fatalf("%q in %q (-want +got):\n%s", pattern, text, diff)
	}
	if got, want := p.Replace(text, `<\1\g<n>>`), re.ReplaceAllString(text, "<${1}${n}>"); got != want {
		t.Fatalf("%q in %q becomes %q, want %q", pattern, text, got, want)
	}
}

var patterns = []string{
	"", "a", "abc", "^", "$", "^$", "^a", "a$", "a|b|", "a*", "a*?", "(a+)(b+)?", "(a|ab)(c|bcd)", "(?P<n>x+)y", "(?i)straße|K", "[^a-c\n]+", ".", "(?s).", `\bx\b`, `\Bx`,
	`^#?PasswordAuthentication `, `\sswap\s`, `^([^#\n].*\sswap\s.*)$`, "(?m)^a$", `\pL+`, `[[:alpha:]]{2,3}`, `(a*)*`, `(a|b)*?c`, `x{3}`, `\Aa|b\z`, "(?U)a+b", "é", `\x00`, "(^a|b)c", "(?:^)*a", `(?P<m>.)(?P<n>.)`,
}

var texts = []string{
	"", "a", "b", "abc", "abcd", "xaay", "aaa", "aab\nab\n", "STRASSE straße kK\u212a", "/dev/sda1 none swap sw 0 0\n# /x swap x\n", "#PasswordAuthentication no", "x x_x x", "é\xffè", "\x00", "bc ac", "a\r\nb", "xxxy", "日本語 text",
}

func TestPatternsAreFoundWherePackageRegexpFindsThem(t *testing.T) {
	t.Parallel()
	for _, p := range patterns {
		for _, text := range texts {
			for _, flags := range []string{"", "m", "s"} {
				agree(t, flags, p, text)
			}
		}
	}
}

func FuzzPatternsAreFoundWherePackageRegexpFindsThem(f *testing.F) {
	for i, p := range patterns {
		f.Add("m", p, texts[i%len(texts)])
	}
	f.Fuzz(func(t *testing.T, flags, pattern, text string) {
		if len(pattern) < 60 && len(text) < 300 {
			agree(t, flags, pattern, text)
		}
	})
}

func TestExpandKnowsNumbersAndNames(t *testing.T) {
	t.Parallel()
	p, err := compile.Pattern("", `(?P<key>\w+)=(\w+)?`)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`\1-\2`: "a-1", `\0`: "a=1", `\g<key>\g<2>`: "a1", `\3`: "", `\g<none>`: "", `\g<1`: `\g<1`, `\`: `\`, `\\1`: `\a`, `$1 \x`: `$1 \x`, `\01`: "", `\12`: "",
	} {
		if got := p.Expand(text, "a=1", p.Find("a=1")); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := p.Expand(`\2.`, "a=", p.Find("a=")); got != "." {
		t.Errorf("a group that is not there: %q", got)
	}
}

func TestTheZeroPatternIsNowhere(t *testing.T) {
	t.Parallel()
	var p regex.Pattern
	if p.In("") || p.Find("a") != nil || p.Replace("a", "b") != "a" {
		t.Error("it is found")
	}
}

func TestOnlyWhatCompileMadeIsRead(t *testing.T) {
	t.Parallel()
	p, err := compile.Pattern("", "a+|b")
	if err != nil {
		t.Fatal(err)
	}
	again, err := regex.Read(p.Text, p.Code)
	if err != nil || !again.In("b") || again.String() != "a+|b" {
		t.Errorf("%v, %v", again, err)
	}
	for _, code := range []string{"", "{}", `{"groups":[""],"steps":[{"op":2,"out":7}]}`, `{"groups":[""],"steps":[{"op":3,"arg":7}]}`, `{"groups":[""],"steps":[{"op":6,"runes":[1]}]}`, `{"steps":[{}]}`} {
		if _, err := regex.Read("x", code); err == nil || !strings.HasPrefix(err.Error(), `read pattern "x": `) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestABadPatternIsExplained(t *testing.T) {
	t.Parallel()
	_, err := compile.Pattern("m", "(?=x)")
	if err == nil || err.Error() != "error parsing regexp: invalid or unsupported Perl syntax: `(?=` (gokube's patterns are Go's: without lookahead and backreferences)" {
		t.Error(err)
	}
}

// BenchmarkIn is the look for a line that is not there.
func BenchmarkIn(b *testing.B) {
	text := strings.Repeat("# some line of a file that nobody cares for\n", 1000)
	for name, pattern := range map[string]string{"anchored": "^Port ", "lines": "(?m)^Port ", "plain": "Port 22", "class": `\sswap\s`} {
		b.Run(name, func(b *testing.B) {
			p, err := compile.Pattern("", pattern)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				p.In(text)
			}
		})
	}
}
