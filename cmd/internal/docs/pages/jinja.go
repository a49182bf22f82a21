package pages

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/template/jinja"
)

// texts and tests are Jinja as playbooks have it, in text and as conditions.
func texts() []string {
	return []string{
		"{{ foo }}", "{{ foo.bar[0] }}", "{{ foo | default('x') }}", "{{ foo | default(omit) }}",
		"{{ a ~ '-' ~ b }}", "{{ 'a' if b else c }}", "{{ x | int + 1 }}",
		"{% if foo == 'a' and not b %}x{% else %}y{% endif %}", "{% for h in hosts %}{{ h.name }}{% endfor %}", "{% for k, v in d.items() %}{{ k }}{% endfor %}",
		"{% set x = a + 1 %}{{ x }}", "{# a note #}",
		"{{ hostvars[item].ip }}", "{{ groups['kube_node'] }}", "{{ groups['etcd'] | length }}", "{{ groups['kube_control_plane'][0] }}",
		"{{ groups['etcd'] | map('extract', hostvars, 'ip') | join(',') }}", "{{ users | map(attribute='name') | list }}",
		"{{ users | selectattr('state', 'equalto', 'present') | list }}", "{{ a | combine(b, recursive=True) }}",
		"{{ x | regex_replace('^a', 'b') }}", "{{ x.split(',') }}", "{{ x | b64decode | from_json }}", "{{ d.get('key', 1) }}",
	}
}

func tests() []string {
	return []string{
		"foo", "not foo", "foo == 'bar'", "a and (b or c)", "foo is defined", "foo.bar is not defined", "r is changed", "r is not failed", "r.rc != 0",
		"inventory_hostname in groups['etcd']", "x in ['a', 'b']", "groups['etcd'] | length > 1", "version is version('1.31', '>=')",
		"x is match('a.*')", "foo | bool and bar | default(false)",
	}
}

// jinja is the table of Jinja and its Go form, made by what gives hints.
func jinjaForms() (name, text string, err error) {
	var sb strings.Builder
	sb.WriteString("In text:\n\n| Jinja | Go template |\n| --- | --- |\n")
	for _, t := range texts() {
		fmt.Fprintf(&sb, "| `%s` | `%s` |\n", cell(t), cell(jinja.Hint(t, 0)))
	}
	sb.WriteString("\nIn `when`, `until`, `changed_when`, `failed_when` and `that`, without braces:\n\n| Jinja | gokube |\n| --- | --- |\n")
	for _, t := range tests() {
		fmt.Fprintf(&sb, "| `%s` | `%s` |\n", cell(t), cell(jinja.Condition(t)))
	}
	return "jinja", sb.String(), nil
}
