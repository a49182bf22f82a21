package docs

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

func TestARoleIsDescribedByReadmeSpecsAndDefaults(t *testing.T) {
	t.Parallel()
	got, err := Roles(files("roles.go", "package roles",
		"web/README.md", "# web\n\nServes pages. Fast.\n\n## More\n",
		"web/defaults/main.yml", "# About the file.\n\n# The port.\nport: 80\n# A list of\n# hosts.\nhosts: [a, b]\nname: \"{{ .x }}\"\nlong:\n  - "+strings.Repeat("x", 100)+"\nbig: {a: [1], b: \"2\"}\nempty: \"\"\n",
		"web/meta/main.yml", "argument_specs:\n  main:\n    short_description: Serve pages.\n    options:\n      port: {type: int, description: [The port, to serve.]}\n      kind: {choices: [a, b], required: true}\n      deep: {type: list, elements: dict, options: {in: {type: str, default: x}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const in = "defaults/main.yml"
	want := []Role{{Name: "web", Summary: "Serve pages", Text: "Serves pages. Fast.\n\n## More", Variables: []Variable{
		{Name: "port", Type: "int", Default: "80", Text: "The port to serve.", Source: in},
		{Name: "hosts", Default: "[a, b]", Text: "A list of hosts.", Source: in},
		{Name: "name", Default: "{{ .x }}", Source: in}, {Name: "long", Source: in},
		{Name: "big", Default: `{a: [1], b: "2"}`, Source: in}, {Name: "empty", Default: `""`, Source: in},
		{Name: "kind", Type: "str", Required: true, Choices: []string{"a", "b"}},
		{Name: "deep", Type: "list of dict", Inner: []Variable{{Name: "in", Type: "str", Default: "x"}}},
	}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	const page = `# web

Serves pages. Fast.

## More

## Variables

- ` + "`port` (int; default `80`)" + `
  The port to serve.
- ` + "`hosts` (default `[a, b]`)" + `
  A list of hosts.
- ` + "`name` (default `{{ .x }}`)" + `
- ` + "`long` (default in `defaults/main.yml`)" + `
- ` + "`big` (default `{a: [1], b: \"2\"}`)" + `
- ` + "`empty` (default `\"\"`)" + `
- ` + "`kind` (str; required; one of a, b)" + `
- ` + "`deep` (list of dict)" + `
  - ` + "`in` (str; default `x`)" + `
`
	if d := cmp.Diff(page, got[0].Markdown()); d != "" {
		t.Error(d)
	}
}

func TestARoleWithoutSpecsIsDescribedByItsReadme(t *testing.T) {
	t.Parallel()
	got, err := Roles(files("etcd/README.md", "# etcd\n\nRuns members,\none by one. More.\n", "etcd/defaults/main/a.yml", "x: 1\n", "etcd/defaults/main/b.yml", "y: 2\n"))
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if r := got[0]; r.Summary != "Runs members, one by one" || len(r.Variables) != 2 || r.Variables[1].Source != "defaults/main/b.yml" {
		t.Errorf("%+v", r)
	}
}

func TestARoleThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	_, err := Roles(files("bad/defaults/main.yml", "a: [\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "read role bad: bad/defaults/main.yml:") {
		t.Error(err)
	}
}

func TestAPlaybookIsDescribedByItsComment(t *testing.T) {
	t.Parallel()
	got, err := Playbooks(files("a.yml", "# Makes\n# things. And more.\n- hosts: all\n", "b.yml", "- hosts: all\n"))
	if d := cmp.Diff([]Playbook{{"a.yml", "Makes things"}, {"b.yml", ""}}, got); err != nil || d != "" {
		t.Error(err, d)
	}
}
