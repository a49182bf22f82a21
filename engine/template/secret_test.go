package template_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/template"
)

func withSecret() template.Vars {
	m := template.Mark(map[string]any{
		"plain": "x", "derived": "user:{{ .pw }}", "cfg": map[string]any{"user": "root", "pass": "{{ .pw }}", "n": "{{ len .pw }}"}, "viaDerived": "<{{ .derived }}>",
	}, diag.Pos{}).(map[string]any)
	m["pw"] = secret.New("hunter2")
	m["all"] = []any{secret.New("one"), "two"}
	m["json"] = secret.New(`{"k": "v", "n": 1, "on": true}`)
	return m
}

func TestTextMadeOfASecretIsASecret(t *testing.T) {
	t.Parallel()
	s := secret.New
	for src, want := range map[string]any{
		"{{ .pw }}": s("hunter2"), "a{{ .pw }}": s("ahunter2"), "{{ .pw | upper }}": s("HUNTER2"), "{{ .derived }}": s("user:hunter2"), "{{ .viaDerived }}": s("<user:hunter2>"),
		"{{ .cfg }}": map[string]any{"user": "root", "pass": s("hunter2"), "n": 7}, "{{ .cfg.user }}": "root", "{{ .cfg.pass }}": s("hunter2"), "{{ .cfg | toJson }}": s(`{"n":7,"pass":"hunter2","user":"root"}`),
		"{{ .all }}": []any{s("one"), "two"}, "{{ index .all 1 }}": "two", "{{ index .all 0 }}": s("one"), "{{ range .all }}{{ . }}{{ end }}": s("onetwo"), `{{ .all | join "," }}`: s("one,two"),
		"{{ .json | fromJson }}": map[string]any{"k": s("v"), "n": 1, "on": true}, `{{ eq .pw "hunter2" }}`: true, `{{ if .pw }}a{{ end }}`: s("a"), "{{ with .pw }}{{ . }}{{ end }}": s("hunter2"),
		"{{ $x := .pw }}{{ $x }}": s("hunter2"), `{{ .gone | default .pw }}`: s("hunter2"), "{{ .plain }}": "x", "{{ or .plain .pw }}": "x", "{{ len .all }}": 2, `{{ hasKey . "pw" }}`: true, "{{ .pw | b64enc }}": s("aHVudGVyMg=="),
		`{{ dict "a" .pw "b" "c" }}`: map[string]any{"a": s("hunter2"), "b": s("c")}, `{{ define "t" }}{{ . }}{{ end }}{{ template "t" .pw }}`: s("hunter2"), "{{ .all | extract (dict \"one\" 1 \"two\" \"z\") }}": []any{1, s("z")},
	} {
		got, err := eval(withSecret(), src)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %#v (%v), %v\nwant %#v", src, got, reveal(got), err, want)
		}
	}
}

func reveal(x any) any {
	x, _ = secret.Reveal(x)
	return x
}

func TestErrorsShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"{{ .pw.x }}", "{{ fromJson .pw }}", "{{ fail .pw }}", "{{ index .cfg .pw }}", "{{ range .pw }}{{ end }}", "{{ .pw | upper | fail }}", "{{ index .all 0 | required .pw }}{{ required .pw .gone }}",
		"{{ .derived.x }}", "{{ $x := .pw }}{{ $x.y }}", `{{ (list .pw).x }}`, `{{ regexFind .pw "(" }}{{ regexFind (print .pw "(") "" }}`, "{{ .pw | toJson | fromYaml | cidrHost 1 }}", "{{ bool .pw }}", `{{ keys (upper .pw) }}`,
		"{{ index .cfg (upper .pw) }}", "{{ upper .cfg }}",
	} {
		got, err := eval(withSecret(), src)
		if err == nil || strings.Contains(strings.ToLower(fmt.Sprintf("%v %+v", err, err)), "hunter") {
			t.Errorf("%s: %v, %v", src, got, err)
		}
	}
	if _, _, err := template.Test(withSecret(), ".pw", diag.Pos{}); err == nil || strings.Contains(err.Error(), "hunter") {
		t.Error(err)
	}
}

func TestLabelsAndDescriptionsShowNoSecret(t *testing.T) {
	t.Parallel()
	for want, x := range map[string]any{
		"web": "web", secret.Mask: secret.New("a"), `{"a":"********","b":1}`: map[string]any{"a": secret.New("x"), "b": 1}, "null": nil, "(known after apply)": token,
		`["(known after apply)","omit"]`: []any{token, template.Omit{}}, "3": 3,
	} {
		if got := template.Label(x); got != want {
			t.Errorf("%v: got %s", x, got)
		}
	}
	for want, x := range map[string]any{`the string "web"`: "web", "a secret": secret.New("a"), "a map": template.Vars{}, "a list": []string{}, "the number 1.5": 1.5, "null": nil, "true": true, "unknown": token} {
		if got := template.Describe(x); got != want {
			t.Errorf("%v: got %s", x, got)
		}
	}
}

func TestOmittedElementsAreDropped(t *testing.T) {
	t.Parallel()
	o := template.Omit{}
	got := template.WithoutOmitted(map[string]any{"a": 1, "b": o, "c": []any{o, 2, map[string]any{"d": o}}})
	if want := any(map[string]any{"a": 1, "c": []any{2, map[string]any{}}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestATextThatCameEncryptedIsNotShown(t *testing.T) {
	t.Parallel()
	text := func(src string) *template.Text { return &template.Text{Src: src, Secret: true} }
	got, err := template.Resolve(template.Vars{"u": "root"}, text("{{ .u }}:hunter2"))
	if want := secret.New("root:hunter2"); err != nil || got != want {
		t.Errorf("got %#v, %v", got, err)
	}
	x := text("hunter {{ .x }}")
	for _, bad := range []*template.Text{text("hunter2 {{ .gone }}"), text("{{ hunter2 }}"), text("{% if hunter2 %}"), text("{{ index .u \"hunter2\" }}"), text("{{ hunter2"), x} {
		_, err := template.Resolve(template.Vars{"u": "root", "x": x}, bad)
		if shown := fmt.Sprintf("%v %v %#v %s %s", err, bad, bad, template.Label(bad), template.Describe(bad)); err == nil || strings.Contains(shown, "hunter") {
			t.Error(shown)
		}
	}
}
