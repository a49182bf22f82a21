package jinja_test

import (
	"strings"
	"testing"
	"text/template/parse"

	"github.com/gokube/gokube/engine/template/jinja"
)

func TestHintIsTheGoForm(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{ foo }}": "{{ .foo }}", "{{ foo | default('x') }}": `{{ .foo | default "x" }}`, "{{a.b|join(',')}}": `{{ .a.b | join "," }}`,
		"{% if foo == 'a' and not b %}x{% else %}y{% endif %}": `{{ if and (eq .foo "a") (not .b) }}x{{ else }}y{{ end }}`,
		"{% for h in hosts %}{{ h.name }}{% endfor %}":         "{{ range $h := .hosts }}{{ $h.name }}{{ end }}",
		"{% for k, v in d.items() %}{{ k }}{% endfor %}":       "{{ range $k, $v := .d }}{{ $k }}{{ end }}",
		"{%- set x = a + 1 -%}{{ x }}":                         "{{ $x := add .a 1 }}{{ $x }}", "{# note #}a": "{{/* note */}}a",
		"{{ hostvars[item].ip }}": "{{ index .hostvars .item \"ip\" }}", "{{ hostvars[inventory_hostname]['ansible_host'] }}": `{{ index .hostvars .inventory_hostname "ansible_host" }}`,
		"{{ groups['kube_node'] }}": "{{ .groups.kube_node }}", "{{ groups['kube-node'][0] }}": `{{ index .groups "kube-node" 0 }}`, "{{ groups['etcd'] | length }}": "{{ .groups.etcd | len }}",
		"{{ item.x }}": "{{ .item.x }}", "{{ 'a' if b else c }}": `{{ ternary "a" .c .b }}`, "{{ a ~ '-' ~ b }}": `{{ print .a "-" .b }}`, "{{ 'x' + y }}": `{{ print "x" .y }}`,
		"{{ x | int + 1 }}": "{{ add (.x | int) 1 }}", "{{ a[0] }}": "{{ index .a 0 }}", "{{ a[-1] }}": "{{ last .a }}", "{{ x | b64decode | from_json }}": "{{ .x | b64dec | fromJson }}",
		"{{ users | map(attribute='name') | list }}": `{{ .users | pluck "name" }}`, "{{ groups['etcd'] | map('extract', hostvars, 'ip') | join(',') }}": `{{ .groups.etcd | extract .hostvars "ip" | join "," }}`,
		"{{ u | selectattr('state', 'equalto', 'x') | list | first }}": `{{ .u | where "state" "x" | first }}`, "{{ a | combine(b, recursive=True) }}": "{{ combine .a .b }}",
		"{{ x | regex_replace('^a', 'b') }}": `{{ .x | regexReplace "^a" "b" }}`, `{{ x | regex_replace('\.', '-') }}`: "{{ .x | regexReplace `\\.` \"-\" }}", "{{ foo or omit }}": "{{ or .foo omit }}", "{{ foo | default(omit) }}": "{{ .foo | default omit }}",
		"{{ x.split(',') }}": `{{ .x | splitList "," }}`, "{{ d.get('a', 1) }}": "{{ .d.a | default 1 }}", "{{ d.get('a-b') }}": `{{ index .d "a-b" | default "" }}`, "{{ foo.stdout_lines[0] | trim }}": "{{ index .foo.stdout_lines 0 | trim }}",
		"{{ [a, 'b'] | join('-') }}": `{{ list .a "b" | join "-" }}`, "{{ {'a': 1} | to_json }}": `{{ dict "a" 1 | toJson }}`, "{{ x | hash('sha256') }}": "{{ .x | sha256sum }}", "{{ x|ansible.builtin.bool }}": "{{ .x | bool }}",
	} {
		if got := jinja.Hint(src, 0); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"foo is defined": `hasKey . "foo"`, "foo.bar is not defined": `not (hasKey .foo "bar")`, "foo is undefined": `not (hasKey . "foo")`, "hostvars[h].x is defined": `hasKey (index .hostvars .h) "x"`, "a[0] is defined": "hasKey .a 0",
		"inventory_hostname in groups['kube_node']": "has .inventory_hostname .groups.kube_node", "inventory_hostname not in groups['etcd']": "not (has .inventory_hostname .groups.etcd)", "'a' in 'abc'": `contains "a" "abc"`,
		"x in ['a', 'b']": `has .x (list "a" "b")`, "a and b or c and not d": "or (and .a .b) (and .c (not .d))", "not a == 'b'": `not (eq .a "b")`, "a and (b or c)": "and .a (or .b .c)", "not (a and b)": "not (and .a .b)",
		"foo | bool": ".foo | bool", "foo | bool and bar | default(false)": "and (.foo | bool) (.bar | default false)", "r.rc != 0": "ne .r.rc 0", "r.rc == -1": "eq .r.rc -1", "r is changed": ".r.changed", "r is not failed": "not .r.failed", "r is succeeded": "not .r.failed",
		"groups['etcd'] | length > 1": "gt (.groups.etcd | len) 1", "v is version('1.31', '>=')": `versionCompare ">=" "1.31" .v`, "x is mapping": `kindIs "map" .x`,
		"x is match('a')": `regexMatch "^a" .x`, "x is match('^a')": `regexMatch "^a" .x`, "x is match('^a|b')": `regexMatch "^(?:^a|b)" .x`, `x is match('\.a')`: "regexMatch `^\\.a` .x", "x is match(y)": `regexMatch (print "^" .y) .x`, "x is match('')": `regexMatch "^" .x`,
		"x is search('a b')": `regexMatch "a b" .x`, "x is search('^a')": `regexMatch "^a" .x`, "x is regex('^a')": `regexMatch "^a" .x`, "x is search(y)": "regexMatch .y .x",
		"foo == 'bar'": `eq .foo "bar"`, "(a.b == 'c') and ansible_os_family == \"RedHat\"": `and (eq .a.b "c") (eq .ansible_os_family "RedHat")`, "a.startswith('x')": `.a | hasPrefix "x"`, "x % 2 == 0": "eq (mod .x 2) 0", "not not a": "not (not .a)",
		// What has no form known is not guessed.
		"lookup('file', 'x')": "", "x is subset(y)": "", "x | password_hash('sha512')": "", "a b": "", "eq .a 1": "", "": "", "a ==": "", "x | map('upper') | list": "", "f(x)": "", strings.Repeat("(", 9999): "",
	} {
		if got := jinja.Condition(src); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestStatementsAreFound(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]int{
		"a {% if b %}": 2, "{%- for x in y -%}": 0, "x {# note #}": 2, "curl -w %{http_code} {%x%}": -1, "${#a[@]} {#x}": -1, "{{ .a }}": -1, "awk '{# a }'": -1,
	} {
		if got := jinja.Statement(src); got != want {
			t.Errorf("%s: got %d, want %d", src, got, want)
		}
	}
}

func TestHintOfALongTemplateIsThePartInQuestion(t *testing.T) {
	t.Parallel()
	src := "{{ .fine }}\n{{ foo }}\n{{ bar | upper }}\n"
	if got := jinja.Hint(src, strings.Index(src, "{{ bar")); got != "{{ .bar | upper }}" {
		t.Error(got)
	}
}

// FuzzHint holds the translation to: no panic, and every hint is a template that
// parses.
func FuzzHint(f *testing.F) {
	for _, s := range []string{"{{ a | default('x') }}", "{% if a is defined and b not in c %}{% endif %}", "{{ a[b].c | map('extract', h, 'i') }}", "{# x #}", "{{ {'a': [1, -2]} }}", `{{ a ~ "\"" if b else 'c' }}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		jinja.Statement(src)
		h := jinja.Condition(src)
		if h == "" {
			return
		}
		tr := parse.New("t")
		tr.Mode = parse.SkipFuncCheck
		if _, err := tr.Parse("{{ $x := 1 }}{{ "+h+" }}", "", "", map[string]*parse.Tree{}); err != nil {
			t.Fatalf("%q gives %q: %v", src, h, err)
		}
	})
}
