package template_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

var token = unknown.Value{Why: `stdout of task "kubeadm token create"`}

func vars(without ...string) template.Vars {
	m := template.Mark(map[string]any{
		"name": "web", "n": 3, "yes": true, "no": false, "nil": nil, "list": []any{"a", "b"},
		"lazy": "{{ .name }}-{{ .n }}", "typed": "{{ .list }}", "loopA": "{{ .loopB }}", "loopB": "{{ .loopA }}",
		"onToken": "x-{{ .run.stdout }}", "cfg": map[string]any{"port": "{{ .n }}", "token": "{{ .run.stdout }}"},
		"hosts": map[string]any{"h1": map[string]any{"ip": "1", "os": map[string]any{"id": "debian"}}, "h2": map[string]any{"ip": token}},
	}, diag.Pos{}).(map[string]any)
	m["run"] = map[string]any{"stdout": token, "changed": true, "lines": []any{"one", token}}
	m["evil"] = "{{ .name }}" // from a host: data
	for _, n := range without {
		delete(m, n)
	}
	return m
}

func eval(v template.Lazy, src string) (any, error) {
	return template.Resolve(v, &template.Text{Src: src})
}

func TestEval(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]any{
		"{{ .name }}": "web", "{{ .n }}": 3, "{{.list}}": []any{"a", "b"}, "n={{ .n }}": "n=3", "{{ .nil }}": nil, "[{{ .nil }}]": "[]",
		"{{ .lazy | upper }}": "WEB-3", "{{ index .typed 1 }}": "b", "{{ .evil }}": "{{ .name }}", "v{{ .evil }}": "v{{ .name }}",
		`{{ .gone | default "x" }}`: "x", `{{ default "x" .gone.deep }}`: "x", `{{ .cfg.port }}`: 3, `{{ and .nil .yes }}`: nil,
		`{{ (semver "1.31.2").Minor }}`: 31, `{{ semver "1.31.2" }}`: "1.31.2", `{{ range $i, $e := .list }}{{ $i }}{{ $e }}{{ end }}`: "0a1b",
		`{{ define "t" }}<{{ .name }}>{{ end }}{{ template "t" . }}`: "<web>", `{{ .list | join "," }}`: "a,b", `{{ eq .n 3 }}`: true,
		`{{ .nil.x | default 1 }}`: 1, `{{ (.nil).x | default 1 }}`: 1, `{{ (.gone).x | default 1 }}`: 1, `{{ range .nil }}a{{ else }}b{{ end }}`: "b", `{{ range 3 }}x{{ end }}`: "xxx",
		`{{ print "a" .nil }}|{{ printf "%v" .nil }}`: "a|", `{{ eq .nil .nil }}`: true, `{{ .nil | toJson }}`: "null", `{{ list .nil 1 | toJson }}`: "[null,1]", `{{ quote .nil }}`: "",
		`{{ fromJson "{\"a\":[1,2.5]}" }}`: map[string]any{"a": []any{1, 2.5}}, `{{ splitList "," "a,b" }}`: []any{"a", "b"}, `{{ add 1 .n }}`: 4, `{{ "3" | int }}`: 3, `{{ split "," "a,b" }}`: map[string]any{"_0": "a", "_1": "b"},
		`{{ .gone | default omit }}`: template.Omit{}, `{{ .n | default omit }}`: 3, `{{ omit .cfg "token" | toJson }}`: token, `{{ omit (dict "a" 1 "b" 2) "a" }}`: map[string]any{"b": 2},
		`{{ hasKey . "gone" }}`: false, `{{ hasKey . "n" }}`: true, `{{ hasKey .gone "x" }}`: false, `{{ hasKey .cfg "token" }}`: true, `{{ hasKey .nil "x" }}`: false, `{{ required "need it" .n }}`: 3,
		`{{ keys .hosts | join "," }}`: "h1,h2", `{{ len . | lt 5 }}`: true, `{{ .list | extract (dict "a" 1 "b" 2) }}`: []any{1, 2}, `{{ list "h1" | extract .hosts "os.id" }}`: []any{"debian"}, `{{ list "h1" | extract .hosts "ip" | join "," }}`: "1",
		`{{ "x" -}}   y`: "xy", "no action": "no action", `{{/* c */}}z`: "z", `{{ $x := 1 }}{{ range .list }}{{ $x = add $x 1 }}{{ end }}{{ $x }}`: "3", `{{ range .list }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}`: "a",
		// The unknown is stepped past.
		"{{ .run.changed }}": true, "{{ and .no .run.stdout }}": false, "{{ or .yes .run.stdout }}": true, "{{ len .run.lines }}": 2,
		"{{ if .yes }}a{{ else }}{{ .run.stdout }}{{ end }}": "a", "{{ index .run.lines 0 }}": "one", `{{ hasKey .run "stdout" }}`: true,
		"{{ with .run }}{{ .changed }}{{ end }}": "true", "{{ range .run.lines }}.{{ end }}": "..", `{{ .run.stdin | default 1 }}`: 1,
		"{{ $r := .run }}{{ $r.changed }}": "true", "{{ .run }}": map[string]any{"stdout": token, "changed": true, "lines": []any{"one", token}},
		"{{ not .run }}": false, "{{ .cfg }}": map[string]any{"port": 3, "token": token}, "{{ get .run \"changed\" }}": true, "{{ keys .run | len }}": 3,
		// It is read.
		"{{ .run.stdout }}": token, "t={{ .run.stdout }}": token, "{{ .onToken }}": token, "{{ .run.stdout.x.y }}": token, "{{ .run | toJson }}": token,
		"{{ if .run.stdout }}a{{ else }}a{{ end }}": token, "{{ and .run.stdout .no }}": token, "{{ or .run.stdout .yes }}": token,
		"{{ range .run.stdout }}x{{ end }}": token, "{{ with .run.stdout }}x{{ end }}": token, "{{ range .run.lines }}{{ . }}{{ end }}": token,
		"{{ range $_, $l := .run.lines }}{{ $l }}{{ end }}": token, `{{ default "x" .run.stdout }}`: token, `{{ .run.stdout | default "x" }}`: token,
		`{{ eq .run.stdout "a" }}`: token, "{{ index .run.lines 1 }}": token, "{{ index .run \"stdout\" }}": token, "{{ eq .run.lines .list }}": token,
		"{{ ternary 1 2 .run.stdout }}": token, "{{ .run.lines | join \",\" }}": token, "{{ printf \"%v\" .run }}": token, "{{ . | toJson }}": token,
		`{{ define "t" }}{{ .stdout }}{{ end }}{{ template "t" .run }}`: token, "{{ (get .run \"stdout\") | quote }}": token, "{{ .cfg.token }}": token,
		"{{ list .run 1 | last }}": token, "{{ (.run).stdout }}": token, "{{ .run.stdout | not }}": token, "{{ .run.gone | default .run.stdout }}": token,
		`{{ hasKey .run.stdout "x" }}`: token, `{{ list "h2" | extract .hosts "ip" }}`: token, `{{ required "x" .run.stdout }}`: token, `{{ .hosts | values | pluck "ip" }}`: token,
	} {
		got, err := eval(vars("loopA", "loopB"), src)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %#v, %v\nwant %#v", src, got, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{ .nane }}": `undefined variable: "nane", did you mean "name"?`, "{{ .run.sdtout }}": `"sdtout" of .run, did you mean "stdout"?`, "{{ .nil.x.y }}": `"x" of .nil, which is null`,
		"{{ .name.x }}": `x of the string "web"`, "{{ .loopA }}": "need each other: {{ .loopB }} -> {{ .loopA }} -> {{ .loopB }}",
		"x{{ .list }}": "a map or list in text: it is a list, name an element", "{{ env \"HOME\" }}": `"env" is not a function`, "{{ uuidv4 }}": "is not a function", "{{ uper .name }}": `did you mean "upper"?`,
		"{{ call .n }}": "is not a function", "{{ .name .n }}": "takes no arguments", "{{ 1 | .name }}": "nothing can be piped into it", "{{ upper }}": "upper takes 1 argument, not 0", "{{ .name | upper 1 }}": "not 2",
		`{{ template "x" }}`: `"x" is not defined`, "{{ .n | upper }}": "wrong type for value; expected string; got int", "{{ fromJson .name }}": "fromJson: invalid character", "{{ index .list 5 }}": "5 of a list of 2",
		"{{ range .name }}{{ end }}": `range over what is no list or map: it is the string "web"`, `x{{ omit }}`: "omit in text", `{{ required "give it" .gone }}`: "required: give it", `{{ len 3 }}`: "no text, list or map: the number 3",
		`{{ regexFind "(" "x" }}`: "missing closing )", "{{ div 1 0 }}": "division by zero", "{{ .name": "unclosed action", "{{ $x }}": "undefined variable \"$x\"", "{{ upper .nil }}": "expected string", "{{ (semver .name).Minor }}": "nvalid",
		// Jinja.
		"{{ foo }}": "write {{ .foo }}", "{{ foo | default('x') }}": `write {{ .foo | default "x" }}`, "{{ a.b|join(',') }}": `write {{ .a.b | join "," }}`,
		"{% if foo == 'a' and not b %}x{% else %}y{% endif %}": `write {{ if and (eq .foo "a") (not .b) }}x{{ else }}y{{ end }}`,
		"{% for h in hosts %}{{ h }}{% endfor %}":              "write {{ range $h := .hosts }}{{ $h }}{{ end }}",
		"{{ _force .run }}":                                    `"_force" is not a function`, "a {# note #}": "jinja in a template",
	} {
		if got, err := eval(vars(), src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %.100v, %v\nwant %s", src, got, err, want)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	at := diag.Pos{File: "a.yml", Line: 1, Col: 2}
	for src, want := range map[string]any{
		`eq .name "web"`: true, `.no`: false, `and .yes (gt .n 2)`: true, `.run.changed`: true, `contains "a" .run.stdout`: token,
		`.name`: `is not true or false: it is the string "web", compare it`, `foo == 'bar'`: `write eq .foo "bar"`, `{{ .yes }}`: "braces in a condition, write .yes",
		`foo is defined`: `write hasKey . "foo"`, " ": "condition is empty", "inventory_hostname in groups['a']": "write has .inventory_hostname .groups.a",
	} {
		truth, why, err := template.Test(vars(), src, at)
		switch w := want.(type) {
		case bool:
			if err != nil || why != nil || truth != w {
				t.Errorf("%s: got %v, %v, %v", src, truth, why, err)
			}
		case unknown.Value:
			if err != nil || why == nil || *why != w {
				t.Errorf("%s: got %v, %v, %v", src, truth, why, err)
			}
		case string:
			if err == nil || !strings.Contains(err.Error(), w) || !strings.HasPrefix(err.Error(), "a.yml:1:2: ") {
				t.Errorf("%s: got %v", src, err)
			}
		}
	}
}

func TestOneFalseConditionDecidesBesideAnUnknown(t *testing.T) {
	t.Parallel()
	conditions := func(xs ...any) (out []*template.Condition) {
		for _, x := range xs {
			c, err := template.ConditionOf(x, diag.Pos{})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
		return out
	}
	for _, tc := range []struct {
		cs    []*template.Condition
		truth bool
		by    string
		vague bool
		fails bool
	}{
		{cs: nil, truth: true}, {cs: conditions(true, ".yes"), truth: true}, {cs: conditions(".run.stdout", ".no"), by: ".no"}, {cs: conditions(".run.stdout", ".yes"), vague: true},
		{cs: conditions(false, ".gone"), by: "false"}, {cs: conditions(".gone", false), fails: true},
	} {
		truth, by, why, err := template.TestAll(vars(), tc.cs)
		if truth != tc.truth || (by != nil && by.String() != tc.by) || (by == nil) != (tc.by == "") || (why != nil) != tc.vague || (err != nil) != tc.fails {
			t.Errorf("%v: got %v, %v, %v, %v", tc.cs, truth, by, why, err)
		}
	}
	if _, err := template.ConditionOf(3, diag.Pos{}); err == nil {
		t.Error("a number is a condition")
	}
}
