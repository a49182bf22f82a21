package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const webSpecs = `
argument_specs:
  main:
    options:
      at: {type: int, required: true, description: [The port to listen on.]}
      level: {type: str, choices: [low, high]}
      sites: {type: list, elements: str}
      token: {type: int}
      lazy: {type: int}
`

func TestARoleStartsOnlyWithTheArgumentsItTakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b", "c", "d")
	w.hosts["d"].Commands = map[string]systemtest.Command{"elect": systemtest.Prints("7")}
	w.file("roles/web/meta/main.yml", webSpecs)
	w.file("roles/web/defaults/main.yml", "sites: [x]\nlazy: '{{ .nowhere }}'\n")
	w.file("roles/web/tasks/main.yml", "- name: first\n  debug: {msg: '{{ .at }}'}\n")
	hosts := filepath.Join(t.TempDir(), "hosts.yml")
	if err := os.WriteFile(hosts, []byte("all:\n  hosts:\n    a:\n    b: {at: many, level: middle}\n    c: {at: '80', level: high}\n    d: {at: 81}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.names = []string{hosts}
	w.file("site.yml", `
- hosts: all
  tasks:
    - {name: elect, command: elect, register: e, when: eq .inventory_hostname "d"}
    - {name: keep, set_fact: {token: "{{ .e.stdout }}"}, when: eq .inventory_hostname "d"}
    - {name: bring, include_role: {name: web}}
`)
	l, out := w.play(engine.Options{Check: true, Forks: 1})
	const task = " check the arguments of role web: failed: "
	w.want(l, "a elect: skipped", "b elect: skipped", "c elect: skipped", "d elect: changed", "a keep: skipped", "b keep: skipped", "c keep: skipped", "d keep: ok",
		"a bring: ok", "b bring: ok", "c bring: ok", "d bring: ok",
		"a"+task+"at: it is required and not set",
		"b"+task+"at ("+hosts+`:4:9): a whole number is wanted, got the text "many"; level (`+hosts+`:4:19): one of low, high is wanted, got the text "middle"`,
		"c first: ok: 80", "d first: ok: 81")
	for _, d := range l.done {
		if d.Host == "a" && d.Err != nil && (d.Err.Hint != "at: The port to listen on." || d.Err.Pos.Line != 6) {
			t.Errorf("%+v", d.Err)
		}
	}
	if !out.Failed {
		t.Error("no failure")
	}
}

func TestArgumentsAreComparedOnlyWhereTheRoleRuns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use  string
		tags []string
		want []string
	}{
		"not under a false condition": {"{role: web, when: false}", nil, []string{"a first: skipped"}},
		"not without its tags":        {"{role: web, tags: other}", []string{"web"}, nil},
		"with params":                 {"{role: web, at: 1}", nil, []string{"a first: ok: 1"}},
		"params too":                  {"{role: web, at: x}", nil, []string{`a check the arguments of role web: failed: at: a whole number is wanted, got the text "x"`}},
		"ignored":                     {"{role: web, at: x, ignore_errors: true}", nil, []string{`a check the arguments of role web: failed ignored: at: a whole number is wanted, got the text "x"`, "a first: ok: x"}},
		"vars of the use":             {"{role: web, vars: {at: 2}}", nil, []string{"a first: ok: 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a")
			w.file("roles/web/meta/main.yml", webSpecs)
			w.file("roles/web/tasks/main.yml", "- name: first\n  debug: {msg: '{{ .at }}'}\n")
			w.file("site.yml", "- hosts: all\n  roles:\n    - "+c.use+"\n")
			l, _ := w.play(engine.Options{Tags: c.tags})
			w.want(l, c.want...)
		})
	}
}
