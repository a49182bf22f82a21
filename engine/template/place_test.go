package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
)

// decode is YAML with its templates.
func decode(t *testing.T, name, text string) map[string]any {
	t.Helper()
	f, err := source.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := f.Doc()
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.Decode(doc, source.Hooks{Text: template.FromScalar})
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func TestErrorsPointIntoTheText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"x: '{{ .gone }}'":                                                        "a.yml:1:8: undefined variable",
		"x: \"ab {{ .ok }} {{ .gone }}\"\nok: 1":                                  "a.yml:1:21: undefined variable",
		"x: {k: ['{{ .gone }}']}":                                                 "a.yml:1:13: undefined variable",
		"x: |\n  a\n  b {{ upper .gone }}\n":                                      "a.yml:3:14: undefined variable",
		"x: >\n  a\n  b {{ upper .gone }}\n":                                      "a.yml:1:4: undefined variable",
		"x: \"\\t{{ .gone }}\"":                                                   "a.yml:1:4: undefined variable",
		"x: '{{ .y }}'\ny: '{{ .z }}'\nz: '{{ .gone }}'":                          "a.yml:3:8: undefined variable",
		"x: '{{ .y | upper }}'\ny: [1]":                                           "a.yml:1:13: template: wrong type",
		"x: '{{ fromJson .y }}'\ny: '['":                                          "a.yml:1:8: template: fromJson: unexpected EOF",
		"x: 'ab {{ nope .x }}'":                                                   `a.yml:1:11: template syntax: "nope" is not a function`,
		"x: |\n  a\n  {{ .y }\n":                                                  "a.yml:3:3: template syntax: unexpected \"}\"",
		"x: |\n  a\n   {% if b %}\n":                                              "a.yml:3:4: jinja in a template",
		"x: '{{ .y }}'\ny: '{{ .x }}'":                                            "a.yml:1:5: variables that need each other",
		"é: 1\nx: 'é {{ .gone }}'":                                                "a.yml:2:11: undefined variable",
		"x: '{{ range .y }}{{ .gone }}{{ end }}'\ny: [{}]":                        "a.yml:1:22: undefined variable",
		"x: '{{ define \"t\" }}{{ .a.b }}{{ end }}{{ template \"t\" . }}'\na: {}": "a.yml:1:26: undefined variable",
	} {
		m := decode(t, "a.yml", text)
		_, err := template.Resolve(template.Vars(m), m["x"])
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestTemplateFilesKeepEveryByteAndNameTheirLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "a\r\nb\n\n", "no end", "{ {", "\x00\xff\n", "100%"} {
		if got, err := template.Resolve(template.Vars{}, template.File("f", []byte(text))); err != nil || got != text {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	if got, err := template.Resolve(template.Vars{"n": 1}, template.File("f", []byte("{{ .n }}"))); err != nil || got != "1" {
		t.Errorf("got %#v, %v", got, err)
	}
	_, err := template.Resolve(template.Vars{}, template.File("templates/a.conf", []byte("one\n  two {{ .gone }}\n")))
	if err == nil || !strings.HasPrefix(err.Error(), "templates/a.conf:2:10: undefined variable") {
		t.Error(err)
	}
}

func TestConditionsPointIntoTheirText(t *testing.T) {
	t.Parallel()
	c, err := template.ConditionOf(source.Scalar{Value: "and .a .gone", At: diag.Pos{File: "a.yml", Line: 2, Col: 9}, Exact: true}, diag.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Test(template.Vars{"a": 1}); err == nil || !strings.HasPrefix(err.Error(), "a.yml:2:16: undefined variable") {
		t.Error(err)
	}
}

func TestCheckFindsAllProblems(t *testing.T) {
	t.Parallel()
	m := decode(t, "a.yml", "a: '{{ foo }}'\nb: ['{{ .fine }}', '{% if x %}']\nc: {d: '{{ upper }}'}\ne: '{{ '")
	var l diag.List
	if err := template.Check(m); !errors.As(err, &l) || len(l) != 4 {
		t.Errorf("got %v", err)
	}
	if template.Check(map[string]any{"a": 1, "b": m["fine"]}) != nil {
		t.Error("a problem where there is none")
	}
}
