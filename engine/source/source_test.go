package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
	"github.com/google/go-cmp/cmp"
)

func decode(t *testing.T, text string, h source.Hooks) (any, error) {
	t.Helper()
	f, err := source.Parse("a.yml", []byte(text))
	if err != nil {
		return nil, err
	}
	doc, err := f.Doc()
	if err != nil {
		return nil, err
	}
	return f.Decode(doc, h)
}

func TestScalarsAreReadAsAnsibleUsersExpect(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"yes": true, "off": false, "True": true, "'yes'": "yes", "y": "y", "1": 1, "-7": -7, "1_000": 1000, "0644": 420, "0o644": 420, "0x1F": 31,
		"08": "08", "'0644'": "0644", "1.5": 1.5, "1.31": 1.31, "1.31.2": "1.31.2", "1e10": "1e10", "1.0e3": 1000.0, "12:30:45": "12:30:45",
		"2024-01-31": "2024-01-31", "99999999999999999999": "99999999999999999999", "~": nil, "": nil, "null": nil, `""`: "", "!!str 1": "1",
		"!!int '3'": 3, "!!float 1": 1.0, "!unsafe '{{ x }}'": "{{ x }}", "!!binary aGk=": "hi", "|\n  a\n  b\n": "a\nb\n", `"a\tb"`: "a\tb", "-": []any{nil},
		"{a: 1, b: [x, 2]}": map[string]any{"a": 1, "b": []any{"x", 2}}, "80: http": map[string]any{"80": "http"}, "on: x": map[string]any{"on": "x"},
	} {
		if got, err := decode(t, text, source.Hooks{}); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestMergeAndAliases(t *testing.T) {
	t.Parallel()
	got, err := decode(t, `
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, b: 9}
two: {<<: [*base, *more], d: *base}
`, source.Hooks{})
	base, more := map[string]any{"a": 1, "b": 2}, map[string]any{"b": 3, "c": 4}
	want := map[string]any{"base": base, "more": more, "one": map[string]any{"a": 1, "b": 9}, "two": map[string]any{"a": 1, "b": 2, "c": 4, "d": base}}
	if err != nil || !cmp.Equal(got, want) {
		t.Fatal(err, cmp.Diff(want, got))
	}
}

func TestProblemsHaveAPlaceAndAWayOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: 1\nb:\n  c: 2\n  c: 3\n":                    `a.yml:4:3: key is there twice: "c", first at line 3`,
		"a: 1\nb: {{ x }}\n":                            `a.yml:2:4: unquoted template, quote a value that starts with {{: '{{ x }}'`,
		"a: 1\nb: {{ x }}/y\nc: 1\n":                    `a.yml:2:4: invalid YAML: did not find expected key, quote a value that starts with {{: '{{ x }}/y'`,
		"a: 1\nb: x: y\n":                               `a.yml:2:1: invalid YAML: mapping values are not allowed in this context, quote a value that holds ": "`,
		"a:\n\tb: 1\n":                                  `a.yml:2:2: invalid YAML: found character that cannot start any token, indent with spaces`,
		"a:\n  - x\n  - y\n b: 2\nc: 1\nd: 2\ne: 3\nf:": `a.yml:4:2: invalid YAML: did not find expected`,
		"a: 1\nb: \"x\nc: 1\nd: 2\n":                    `a.yml:2:1: invalid YAML: found unexpected end of stream, close the quote`,
		"a: 1\nb: *x\nc: 2\n":                           `a.yml:2:1: invalid YAML: unknown anchor 'x' referenced`,
		"a: @x\n":                                       `a.yml:1:1: invalid YAML: found character that cannot start any token, quote`,
		"a: !nope x\n":                                  `a.yml:1:4: unknown tag: !nope`,
		"a: !!int x\n":                                  `a.yml:1:4: value does not fit its tag: !!int "x"`,
		"a: &a [*a]\n":                                  `alias inside its own anchor: *a`,
		"a: ok\nb: \xff\n":                              `a.yml:2:4: invalid YAML: byte 0xff is not UTF-8`,
		"a: \x00":                                       `a.yml:1:4: invalid YAML: control character 0x00`,
		"a: 1\n---\nb: 2\n":                             `a.yml:3:1: more than one document`,
		"? [a, b]\n: c\n":                               `key is not text: a list`,
		"a: {<<: 3}":                                    `a.yml:1:9: not a map: it is "3"`,
		"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + bomb("abcdefg"): `aliases stand for too much`,
	} {
		_, err := decode(t, text, source.Hooks{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func bomb(names string) string {
	var sb strings.Builder
	for i := 1; i < len(names); i++ {
		a := "*" + names[i-1:i]
		sb.WriteString(names[i:i+1] + ": &" + names[i:i+1] + " [" + strings.Repeat(a+",", 10) + a + "]\n")
	}
	return sb.String()
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := decode(t, "a: !x 1\nb: 1\nb: 2\nc: !y 1\n", source.Hooks{})
	var l diag.List
	if !errors.As(err, &l) || len(l) != 3 {
		t.Fatalf("got %v", err)
	}
}

func TestTextKnowsWhereItStands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]source.Scalar{
		"k: a b":                   {Value: "a b", At: at(1, 4), Exact: true},
		"k: 'a b'":                 {Value: "a b", At: at(1, 5), Exact: true},
		"é: \"a b\"":               {Value: "a b", At: at(1, 6), Exact: true},
		`k: "a\tb"`:                {Value: "a\tb", At: at(1, 5)},
		"k:\n  a\n  b":             {Value: "a b", At: at(2, 3)},
		"k: |\n   a\n\n    b\n":    {Value: "a\n\n b\n", At: at(2, 4), Exact: true},
		"k: |-\n\n   a\n   b\n":    {Value: "\na\nb", At: at(2, 4), Exact: true},
		"k: >\n  a\n  b\n":         {Value: "a b\n", At: at(1, 4)},
		"k: # c\n - |\n  a\r\n  b": {Value: "a\nb", At: at(3, 3), Exact: true},
	} {
		var got source.Scalar
		if _, err := decode(t, text, source.Hooks{Text: func(s source.Scalar) any { got = s; return s.Value }}); err != nil {
			t.Fatal(text, err)
		}
		want.Tag = "!!str"
		if !want.Exact {
			got.At.Col, want.At.Col = 0, 0
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: %s", text, cmp.Diff(want, got))
		}
	}
}

func at(line, col int) diag.Pos { return diag.Pos{File: "a.yml", Line: line, Col: col} }

func TestLocalTagsGoToTheHook(t *testing.T) {
	t.Parallel()
	h := source.Hooks{Tag: func(s source.Scalar) (any, error) { return s.Tag + "=" + s.Value, nil }}
	got, err := decode(t, "a: !vault |\n  x\n  y\n", h)
	if want := map[string]any{"a": "!vault=x\ny\n"}; err != nil || !cmp.Equal(got, want) {
		t.Fatal(got, err)
	}
}

// FuzzParse holds Parse and Decode to: no panic, and every error has a place.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1", "- x\n- &a {b: *a}", "<<: [*a]", "a: {{ x }}", "a: |\n  x\n", "? - a\n: b", "!vault |\n  x", "a: \"\\u00e9\"", "--- a\n...\n--- b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := source.Parse("f", data)
		if err != nil {
			placed(t, err)
			return
		}
		for _, doc := range file.Docs {
			if _, err := file.Decode(doc, source.Hooks{Text: func(s source.Scalar) any { return s.Value }}); err != nil {
				placed(t, err)
			}
		}
	})
}

func placed(t *testing.T, err error) {
	t.Helper()
	var l diag.List
	l.Add(diag.Pos{}, err)
	for _, d := range l {
		if d.Pos.File != "f" || d.Pos.Line < 1 || d.Summary == "" {
			t.Fatalf("no place in %#v", d)
		}
	}
}

func TestMergesInMergesAreBounded(t *testing.T) {
	t.Parallel()
	text := "a: &a {x: {y: 1}}\n"
	for i := 'b'; i <= 'z'; i++ {
		text += string(i) + ": &" + string(i) + " {<<: [*" + string(i-1) + ", *" + string(i-1) + "], k" + string(i) + ": *" + string(i-1) + "}\n"
	}
	if _, err := decode(t, text, source.Hooks{}); err == nil || !strings.Contains(err.Error(), "aliases stand for too much") {
		t.Errorf("got %v", err)
	}
}
