package funcs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/gokube/gokube/engine/template/funcs"
)

func render(src string) (string, error) {
	t, err := template.New("t").Funcs(funcs.Map()).Parse(src)
	if err != nil {
		return "", err
	}
	var sb strings.Builder
	err = t.Execute(&sb, map[string]any{
		"hosts": []any{map[string]any{"name": "a", "ip": "10.0.0.2", "up": true, "n": 2, "os": map[string]any{"id": "debian"}}, map[string]any{"name": "b", "n": 10}, map[string]any{"name": "c", "n": 1, "up": true}},
		"l":     []any{"a", "b", "a", 1}, "m": map[string]any{"b": 2, "a": map[string]any{"x": 1, "y": 2}}, "html": map[string]any{"a": "<&>"},
	})
	return sb.String(), err
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`{{ .html | toJson }}`: `{"a":"<&>"}`, `{{ .m | toYaml }}`: "a:\n  x: 1\n  \"y\": 2\nb: 2", `{{ (fromYaml "a: yes\nb: [1]").a }}`: "true",
		`{{ fromJson "[1, 2.5, \"x\", 12345678901]" | toJson }}`: `[1,2.5,"x",12345678901]`, `{{ printf "%T" (index (fromJson "[1]") 0) }}`: "int",
		`{{ quote "a\"<b" 1 nil }}`: `"a\"<b" "1"`, `{{ squote "it's" }}`: "'it''s'", `{{ shquote "it's" }} {{ shquote "a/b-c" }} {{ shquote "" }}`: `'it'"'"'s' a/b-c ''`,
		`{{ "a.b.c" | replace "." "-" }}`: "a-b-c", `{{ repeat 3 "ab" }}`: "ababab", `{{ nindent 2 "a\nb" }}`: "\n  a\n  b", `{{ .l | join "," }}`: "a,b,a,1",
		`{{ pathJoin "/a" "../b" "c" }}`: "/b/c", `{{ "10.0.0.1" | regexReplace "^(\\d+)\\." "$1-" }}`: "10-0.0.1", `{{ regexReplaceAllLiteral "a" "aba" "$1" }}`: "$1b$1",
		`{{ .l | formatEach "<%v>" | join "" }}`: "<a><b><a><1>", `{{ printf "%s|%5d|%v" "a" 3 nil }}`: "a|    3|", `{{ print nil "x" }}`: "x",
		`{{ bool "Yes" }} {{ bool 0 }} {{ bool "off" }} {{ bool true }}`: "true false false true", `{{ required "no" "x" }}`: "x", `{{ div 7 "2" }} {{ mod 7 2 }}`: "3 1",
		`{{ until 3 }}`: "[0 1 2]", `{{ untilStep 5 0 -2 }}`: "[5 3 1]", `{{ seq 3 }}|{{ seq 3 1 }}|{{ seq 0 2 4 }}|{{ seq 0 }}`: "1 2 3|3 2 1|0 2 4|1 0",
		`{{ flatten (list 1 (list 2 (list 3))) }}`: "[1 2 3]", `{{ union (list 1 3) (list 2 1 2) }}`: "[2 1 3]", `{{ intersect (list 1 2) (list 2 3 2 1) }}`: "[2 1]",
		`{{ difference (list 1) (list 2 1 3) }}`: "[2 3]", `{{ .hosts | where "up" true | pluck "name" }}`: "[a c]", `{{ .hosts | whereNot "os.id" "debian" | pluck "name" }}`: "[b c]",
		`{{ .hosts | sortBy "n" | pluck "name" }}`: "[c a b]", `{{ (.hosts | groupBy "up").true | pluck "n" }}`: "[2 1]", `{{ zip (list 1 2) (list "a" "b" "c") }}`: "[[1 a] [2 b]]",
		`{{ sum (list 1 2 "3") }} {{ sum (list 1 0.5) }}`: "6 1.5", `{{ values .m | toJson }}`: `[{"x":1,"y":2},2]`, `{{ combine .m (dict "a" (dict "x" 9 "z" false)) | toJson }}`: `{"a":{"x":9,"y":2,"z":false},"b":2}`,
		`{{ merge (dict "b" false) .m | toJson }}`: `{"a":{"x":1,"y":2},"b":false}`, `{{ dict2items (dict "b" 1 "a" 2) | toJson }}`: `[{"key":"a","value":2},{"key":"b","value":1}]`,
		`{{ items2dict (dict2items .m) | toJson }}`: `{"a":{"x":1,"y":2},"b":2}`, `{{ isIP "x" }} {{ isIPv4 "1.2.3.4" }} {{ isIPv6 "::1" }} {{ isCidr "10.0.0.0/8" }}`: "false true true true",
		`{{ ipWrap "fe80::1" }} {{ ipWrap "10.0.0.1" }} {{ ipAdd 255 "10.0.0.1" }}`: "[fe80::1] 10.0.0.1 10.0.1.0", `{{ cidrHost 1 "10.233.0.0/18" }} {{ cidrHost -2 "10.0.0.0/24" }}`: "10.233.0.1 10.0.0.254",
		`{{ cidrNetmask "10.0.0.0/18" }} {{ cidrNetwork "10.0.9.9/18" }} {{ cidrBroadcast "10.0.0.0/24" }} {{ cidrPrefix "fd00::/64" }}`: "255.255.192.0 10.0.0.0 10.0.0.255 64",
		`{{ cidrAddress "10.0.0.7/24" }} {{ cidrContains "10.0.0.0/8" "10.2.3.4" }} {{ cidrContains "10.0.0.0/8" "10.0.0.0/7" }}`:        "10.0.0.7 true false", `{{ cidrOverlaps "10.0.0.0/8,fd00::/64" "10.233.0.0/18" }} {{ cidrOverlaps (list "10.0.0.0/24" "fd00::/64") "10.0.1.0/24, fd00::1:0/112" }} {{ cidrOverlaps "10.0.0.0/24" "10.0.1.0/24" }}`: "true true false",
		`{{ cidrSubnet 8 3 "10.0.0.0/16" }} {{ cidrHost 5 "fd00::/64" }}`: "10.0.3.0/24 fd00::5",
	} {
		if got, err := render(src); err != nil || got != want {
			t.Errorf("%s\n got %q, %v\nwant %q", src, got, err, want)
		}
	}
}

func TestFunctionsRefuse(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`{{ until 1000000000 }}`: "too big", `{{ untilStep -9223372036854775807 9223372036854775807 1 }}`: "too big", `{{ seq 1000000000 }}`: "too big",
		`{{ repeat 1000000000 "abc" }}`: "too big", `{{ repeat -1 "abc" }}`: "negative", `{{ indent 1000000000 "a" }}`: "too big", `{{ printf "%999999999d" 1 }}`: "width",
		`{{ printf "%*d" 99999999 1 }}`: "width", `{{ replace "" (repeat 10000000 "x") "aaaaaaaaaaaaaaaaaaaaaaaaaaa" }}`: "too big",
		`{{ regexReplace "" (repeat 10000000 "x") "aaaaaaaaaaaaaaaaaaaaaaaaaaa" }}`: "too big", `{{ join (repeat 10000000 "x") (until 100) }}`: "too big",
		`{{ bool "maybe" }}`: "neither", `{{ div 1 0 }}`: "division by zero", `{{ div "x" 1 }}`: "not a number", `{{ fromJson "{} {}" }}`: "more than one", `{{ fromJson "[" }}`: "EOF",
		`{{ fromYaml "a: b: c" }}`: "mapping values", `{{ regexReplace "(" "" "" }}`: "missing closing", `{{ required "give x" "" }}`: "give x", `{{ where "a" 1 "text" }}`: "not a list",
		`{{ cidrHost 300 "10.0.0.0/24" }}`: "no address number 300", `{{ cidrOverlaps "10.0.0.0" "10.0.0.0/8" }}`: "no '/'", `{{ cidrOverlaps 1 "10.0.0.0/8" }}`: "networks are wanted", `{{ cidrSubnet 20 0 "10.0.0.0/16" }}`: "no subnets", `{{ cidrSubnet 2 4 "10.0.0.0/16" }}`: "no subnet", `{{ ipAdd -9 "0.0.0.1" }}`: "no address",
		`{{ versionCompare "~" "1" "2" }}`: "not an operator", `{{ versionCompare "<" "x" "2" }}`: `"x" is not a version`, `{{ items2dict (list 1) }}`: "no text",
		`{{ sum (list "x") }}`: "not a number", `{{ join "," (list (list 1)) }}`: "a map or a list",
	} {
		if got, err := render(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %.100q, %v\nwant %q", src, got, err, want)
		}
	}
}

func TestVersionsAreOrdered(t *testing.T) {
	t.Parallel()
	ordered := []string{"0.9", "v1.0.0-alpha.1", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.10", "1.0", "1.0.0-2", "1.0.0-10-generic", "v1.0.1", "1.9", "1.31", "1.31.2", "5.15.0-91-generic", "20240101"}
	for i, a := range ordered {
		for j, b := range ordered {
			for op, want := range map[string]bool{"<": i < j, "<=": i <= j, ">": i > j, ">=": i >= j, "==": i == j, "!=": i != j} {
				if got, err := render(fmt.Sprintf("{{ versionCompare %q %q %q }}", op, b, a)); err != nil || got != fmt.Sprint(want) {
					t.Errorf("%s %s %s: got %s, %v", a, op, b, got, err)
				}
			}
		}
	}
	if got, err := render(`{{ versionCompare "==" "v1.2.0" "1.2" }} {{ versionCompare "==" "1.2+k3s1" "1.2" }}`); got != "true true" {
		t.Error(got, err)
	}
}

// Each function of sprig is let in, replaced, or left out for a reason.
func TestEveryFunctionOfSprigIsDecided(t *testing.T) {
	t.Parallel()
	out := map[string]string{
		"clock":           "ago date date_in_zone date_modify dateInZone dateModify durationRound htmlDate htmlDateInZone must_date_modify mustDateModify mustToDate now toDate unixEpoch",
		"random":          "randAlphaNum randAlpha randAscii randNumeric randBytes randInt shuffle uuidv4 bcrypt htpasswd encryptAES genPrivateKey genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey",
		"outside":         "env expandenv getHostByName osBase osClean osDir osExt osIsAbs",
		"changes its map": "set unset",
		"made of secrets": "buildCustomCert derivePassword decryptAES",
		"of the engine":   "get hasKey keys omit",
		"another name":    "trimall push hello mustFromJson mustToJson mustToPrettyJson mustToRawJson mustDeepCopy mustCompact mustMerge mustMergeOverwrite mustAppend mustPush mustPrepend mustFirst mustRest mustLast mustInitial mustReverse mustUniq mustWithout mustHas mustSlice mustChunk mustRegexMatch mustRegexFindAll mustRegexFind mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit",
	}
	ours := map[string]bool{}
	for _, f := range funcs.All() {
		ours[f.Name] = true
		if f.Summary == "" || !strings.HasPrefix(f.Signature, f.Name) {
			t.Errorf("%s is not documented", f.Name)
		}
	}
	for name := range sprig.GenericFuncMap() {
		n := 0
		for _, names := range out {
			if slices.Contains(strings.Fields(names), name) {
				n++
			}
		}
		if slices.Contains(funcs.Sprig(), name) {
			n++
		}
		if ours[name] {
			n++
		}
		if n != 1 {
			t.Errorf("%s is decided %d times", name, n)
		}
	}
}

func TestArgumentsAreNotChanged(t *testing.T) {
	t.Parallel()
	src := `{{ $m := dict "a" (dict "x" 1) }}{{ $_ := combine $m (dict "a" (dict "x" 2)) }}{{ $_ = merge $m (dict "b" 1) }}{{ $m | toJson }}` +
		`{{ $l := list (dict "n" 2) (dict "n" 1) }}{{ $_ = sortBy "n" $l }}{{ $l | toJson }}`
	if got, err := render(src); err != nil || got != `{"a":{"x":1}}[{"n":2},{"n":1}]` {
		t.Error(got, err)
	}
}
