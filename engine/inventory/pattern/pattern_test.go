package pattern_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/inventory/pattern"
)

func TestSplitKeepsAddressesAndBracketsWhole(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"web":              {"web"},
		"web:db":           {"web", "db"},
		"web:&prod:!h1":    {"web", "&prod", "!h1"},
		"web,db , &prod,,": {"web", "db", "&prod"},
		"g[0]":             {"g[0]"},
		"g[1:3]":           {"g[1:3]"},
		"g[1:]:h[-1]":      {"g[1:]", "h[-1]"},
		"fe80::1":          {"fe80::1"},
		"fe80::1,db":       {"fe80::1", "db"},
		"[fe80::1]:22":     {"[fe80::1]:22"},
		"h:2222":           {"h:2222"},
		"a[1:3],b[2]":      {"a[1:3]", "b[2]"},
		"~h[14]$:!h2":      {"~h[14]$", "!h2"},
		"a b":              {"a", "b"},
		":":                {},
		",,":               {},
		"":                 {},
	} {
		if diff := cmp.Diff(want, append([]string{}, pattern.Split(in)...)); diff != "" {
			t.Errorf("Split(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestTermsMatchNames(t *testing.T) {
	t.Parallel()
	names := []string{"web", "web1", "web12", "db.web", "Web", "w]b", "w!b", "w-b", "we\\b"}
	for in, want := range map[string]string{
		"web":     "web",
		"web*":    "web web1 web12",
		"*web":    "web db.web",
		"web?":    "web1",
		"db.*":    "db.web",
		"*.web":   "db.web",
		"[wW]eb":  "web Web",
		"[!w]eb":  "Web",
		"[a-w]eb": "web",
		"[w-a]eb": "",
		"w[]]b":   "w]b",
		"w[!]]b":  "web w!b w-b",
		"w[a!-]b": "w!b w-b",
		"we[\\]b": "we\\b",
		"web[":    "",
		"~web\\d": "web1 web12",
		"~w":      "web web1 web12 w]b w!b w-b we\\b",
		"~.*web$": "web db.web",
		"!web":    "web",
		"&web1":   "web1",
	} {
		terms, err := pattern.Parse(in)
		if err != nil || len(terms) != 1 {
			t.Errorf("Parse(%q) = %v, %v", in, terms, err)
			continue
		}
		var got []string
		for _, n := range names {
			if terms[0].Match(n) {
				got = append(got, n)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q matches %q; want %q", in, got, want)
		}
	}
}

func TestSubscriptsPickFromFourHosts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]int{
		"g[0]": {0, 1}, "g[3]": {3, 4}, "g[-1]": {3, 4}, "g[-4]": {0, 1},
		"g[1:2]": {1, 3}, "g[0:0]": {0, 1}, "g[2:]": {2, 4}, "g[1-2]": {1, 3},
		"g[2:9]": {2, 4}, "g[7:9]": {4, 4}, "g[2:1]": {2, 2},
	} {
		terms, err := pattern.Parse(in)
		if err != nil || terms[0].Subscript == nil || terms[0].Name != "g" {
			t.Errorf("Parse(%q) = %v, %v", in, terms, err)
			continue
		}
		from, end, ok := terms[0].Subscript.Bounds(4)
		if !ok || [2]int{from, end} != want {
			t.Errorf("%q picks %d:%d, %v; want %v", in, from, end, ok, want)
		}
	}
	for _, in := range []string{"g[4]", "g[-5]"} {
		terms, _ := pattern.Parse(in)
		if _, _, ok := terms[0].Subscript.Bounds(4); ok {
			t.Errorf("%q picks one of four hosts", in)
		}
	}
}

func TestWhatIsNoPatternIsRefused(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"!":                         `"!" names no host or group`,
		"a,&":                       `"&" names no host or group`,
		"~(":                        `"(" is no regular expression: error parsing regexp: missing closing ): ` + "`^(?:()`",
		"g[99999999999999999999]":   `the subscript of "g[99999999999999999999]" is out of range`,
		"g[1:99999999999999999999]": `the subscript of "g[1:99999999999999999999]" is out of range`,
		"!g[-99999999999999999999]": `the subscript of "!g[-99999999999999999999]" is out of range`,
	} {
		if _, err := pattern.Parse(in); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): %v; want %s", in, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"web:&prod:!h1", "g[1:3]", "~h[14]$", "[!a-b]*?", "fe80::1", "[", "a[1:", "h,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		terms, err := pattern.Parse(in)
		if err != nil {
			return
		}
		for _, term := range terms {
			if term.IsPlain() && !term.Match(term.Name) {
				t.Errorf("%q of %q does not match its own name", term.Text, in)
			}
			if s := term.Subscript; s != nil {
				if from, end, ok := s.Bounds(3); ok && (from < 0 || end < from || end > 3) {
					t.Errorf("%q picks %d:%d of three", in, from, end)
				}
			}
		}
	})
}
