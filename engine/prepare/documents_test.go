package prepare_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/prepare"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/vars"
)

// folder is a playbook's files.
type folder struct{ fstest.MapFS }

func (f folder) Open(name string) (fs.File, error) {
	return f.MapFS.Open(strings.TrimPrefix(name, "/"))
}

func (f folder) ReadFile(name string) ([]byte, error) {
	return f.MapFS.ReadFile(strings.TrimPrefix(name, "/"))
}

func (f folder) Stat(name string) (fs.FileInfo, error) {
	return f.MapFS.Stat(strings.TrimPrefix(name, "/"))
}

func (f folder) ReadDir(name string) ([]fs.DirEntry, error) {
	return f.MapFS.ReadDir(strings.TrimPrefix(name, "/"))
}

func files(texts map[string]string) playbook.Files {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder{m}
}

type takes struct {
	Src   module.Documents `arg:"src"`
	Token module.Late      `arg:"token"`
	Key   module.Secret    `arg:"key"`
	Find  module.Pattern   `arg:"find,flags=m"`
}

func taking() *module.Spec {
	return module.Define(module.Spec{Name: "takes"}, func(context.Context, system.Reader, *takes) (*module.Plan, error) {
		return &module.Plan{}, nil
	}).Spec()
}

func view(values map[string]any) *scope.Scope {
	return scope.New(&scope.Conditions{}, nil, &vars.Layer{Level: vars.PlayVars, Values: values})
}

func known() *scope.Scope {
	return view(map[string]any{"name": "web", "password": secret.New("hunter2"), "token": unknown.Value{Why: "a token"},
		"list": []any{map[string]any{"kind": "A"}, map[string]any{"key": secret.New("hunter2")}}})
}

var manifests = map[string]string{ //nolint:gochecknoglobals // never changed
	"r/files/a.yml":       "kind: A\nmode: 0644\n---\n# nothing\n---\nkind: B\ntext: '{{ .name }}'\n",
	"r/templates/t.yml":   "kind: Secret\nmetadata:\n  name: {{ .name }}\ndata:\n  key: {{ .password | b64enc }}\n  list: [x, \"{{ .password }}\"]\n",
	"r/templates/u.yml":   "kind: {{ .token }}\n",
	"r/files/d/2.json":    `{"kind": "Two"}`,
	"r/files/d/1.yaml":    "kind: One\n",
	"r/files/d/README.md": "not YAML: : :",
	"r/files/list.yml":    "- kind: A\n",
	"r/files/bad.yml":     "kind: A\n  b: c\n",
	"r/templates/bad.yml": "kind: {{ .password }}\n  b: c\n",
}

func prepared(t *testing.T, args map[string]any) (module.Args, error) {
	t.Helper()
	values := template.Mark(args, diag.Pos{File: "tasks.yml", Line: 3, Col: 5}).(map[string]any)
	return prepare.New(files(manifests)).Args(prepare.Task{Spec: taking(), Args: playbook.Args{Values: values}, Search: []string{"r"}}, known())
}

func TestDocumentsAreFoundRenderedAndParsed(t *testing.T) {
	t.Parallel()
	hidden := secret.New
	for name, x := range map[string]struct {
		given any
		want  any
	}{
		"file":            {"a.yml", module.Documents{{"kind": "A", "mode": 420}, {"kind": "B", "text": "{{ .name }}"}}},
		"folder":          {"d", module.Documents{{"kind": "One"}, {"kind": "Two"}}},
		"list of files":   {[]any{"d/1.yaml", "d/2.json"}, module.Documents{{"kind": "One"}, {"kind": "Two"}}},
		"inline map":      {map[string]any{"kind": "{{ .name }}"}, module.Documents{{"kind": "web"}}},
		"inline list":     {[]any{map[string]any{"kind": "A", "t": "{{ .token }}"}, "d/1.yaml"}, module.Documents{{"kind": "A", "t": unknown.Value{Why: "a token"}}, {"kind": "One"}}},
		"variable":        {"{{ .list }}", module.Documents{{"kind": "A"}, {"key": hidden("hunter2")}}},
		"inline text":     {"kind: {{ .name }}\n---\nkind: B\n", module.Documents{{"kind": "web"}, {"kind": "B"}}},
		"secret text":     {"kind: A\nkey: {{ .password }}\n", module.Documents{{"kind": "A", "key": hidden("hunter2")}}},
		"unknown text":    {"kind: A\nkey: {{ .token }}\n", unknown.Value{Why: "a token"}},
		"unknown":         {"{{ .token }}", unknown.Value{Why: "a token"}},
		"template":        {"t.yml", module.Documents{{"kind": "Secret", "metadata": map[string]any{"name": "web"}, "data": map[string]any{"key": hidden("aHVudGVyMg=="), "list": []any{"x", hidden("hunter2")}}}}},
		"unknown in file": {"u.yml", unknown.Value{Why: "a token"}},
		"absolute":        {"/r/templates/t.yml", module.Documents{{"kind": "Secret", "metadata": map[string]any{"name": "web"}, "data": map[string]any{"key": hidden("aHVudGVyMg=="), "list": []any{"x", hidden("hunter2")}}}}},
		"null":            {nil, module.Documents(nil)},
	} {
		got, err := prepared(t, map[string]any{"src": x.given})
		if diff := cmp.Diff(x.want, got["src"]); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", name, err, diff)
		}
	}
}

func TestDocumentsThatCannotBeReadNameTheirPlace(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"none.yml":               `file not found on the controller: none.yml`,
		"list.yml":               "r/files/list.yml:1:1: document is not a map: it is a list",
		"/r/files/bad.yml":       "/r/files/bad.yml:2:3: ",
		"bad.yml":                "text is not YAML: r/templates/bad.yml, rendered, (withheld: it holds a secret)",
		"kind: A\n- b\n":         ", in line 2, column 1 of the text",
		"{{ len .name }}":        "wrong type of argument: maps, YAML text or names of files are wanted, got the number 3",
		"kind: A\nkind: {{ 2 }}": `, in line 2, column 1 of the text`,
	} {
		_, err := prepared(t, map[string]any{"src": given})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error is %v\nwant %s", given, err, want)
		}
	}
}

func TestSecretAndLateArgumentsAreSecretAlsoIfWrittenPlain(t *testing.T) {
	t.Parallel()
	got, err := prepared(t, map[string]any{"token": "abc", "key": "{{ .name }}"})
	want := module.Args{"token": secret.New("abc"), "key": secret.New("web")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
