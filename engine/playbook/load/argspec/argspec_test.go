package argspec_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load/argspec"
	"github.com/gokube/gokube/engine/source"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func decode(t *testing.T, text string) (map[string]*playbook.ArgSpec, error) {
	t.Helper()
	f, err := source.Parse("f.yml", []byte(text))
	if err != nil {
		t.Skip(err)
	}
	n, err := f.Doc()
	if err != nil {
		t.Skip(err)
	}
	return argspec.Decode(f, n)
}

func TestEntryPointsAreDecoded(t *testing.T) {
	t.Parallel()
	got, err := decode(t, `
main:
  short_description: a web server
  author: [x]
  options:
    port: {type: int, required: yes, description: the port}
    sites:
      type: list
      elements: dict
      default: []
      options:
        kind: {choices: {a: first, b: second}}
    level: {choices: [1, 2], description: [one, two], no_log: yes}
other:
`)
	want := map[string]*playbook.ArgSpec{
		"main": {Summary: "a web server", Options: map[string]playbook.Option{
			"port": {Type: "int", Required: true, Description: []string{"the port"}},
			"sites": {Type: "list", Elements: "dict", Default: []any{}, Options: map[string]playbook.Option{
				"kind": {Type: "str", Choices: []any{"a", "b"}},
			}},
			"level": {Type: "str", Choices: []any{1, 2}, Description: []string{"one", "two"}},
		}},
		"other": {Options: map[string]playbook.Option{}},
	}
	if err != nil || !cmp.Equal(got, want, cmpopts.IgnoreFields(playbook.Option{}, "Pos")) {
		t.Fatal(err, cmp.Diff(want, got, cmpopts.IgnoreFields(playbook.Option{}, "Pos")))
	}
	if at := got["main"].Options["port"].Pos.String(); at != "f.yml:6:5" {
		t.Errorf("port is at %s", at)
	}
}

func TestOptionsThatHoldThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	_, err := decode(t, "main:\n  options: &o\n    a:\n      options: *o\n")
	if err == nil || !strings.Contains(err.Error(), "options too deep") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"main: {options: {a: {type: int}}}", "main: &m {options: {a: *m}}", "[a]", "main: {options: {a: {choices: {b: c}}}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := decode(t, text)
		var problems diag.List
		problems.Add(diag.Pos{}, err)
		for _, p := range problems {
			if p.Pos.File == "" || p.Summary == "" {
				t.Fatalf("no place or summary: %#v", p)
			}
		}
	})
}
