package argument_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/argument"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

func check(o playbook.Option, v any) (out []string) {
	for _, m := range argument.Check(map[string]playbook.Option{"x": o}, func(string) any { return v }) {
		out = append(out, m.String())
	}
	return out
}

func TestTypes(t *testing.T) {
	t.Parallel()
	list, dict := []any{1}, map[string]any{"a": 1}
	for kind, values := range map[string]struct{ good, bad []any }{
		"str":   {[]any{"a", 1, true, 1.5, ""}, []any{list, dict}},
		"path":  {[]any{"/a", "a"}, []any{1, list, dict}},
		"int":   {[]any{1, 2.0, "3", " 4 ", -1}, []any{"x", 1.5, true, list, ""}},
		"float": {[]any{1, 1.5, "2.5"}, []any{"x", true, dict}},
		"bool":  {[]any{true, "yes", "False", "on", 1, 0}, []any{"maybe", 2, list, ""}},
		"list":  {[]any{list, []any{}}, []any{"a,b", 1, dict}},
		"dict":  {[]any{dict}, []any{"a=b", list}},
		"raw":   {[]any{"a", 1, list, dict}, nil},
	} {
		for _, v := range append(values.good, nil, unknown.Value{Why: "x"}) {
			if got := check(playbook.Option{Type: kind}, v); got != nil {
				t.Errorf("%s: %v: %q", kind, v, got)
			}
		}
		for _, v := range values.bad {
			if got := check(playbook.Option{Type: kind}, v); len(got) != 1 {
				t.Errorf("%s: %v: %q", kind, v, got)
			}
		}
	}
}

func TestWhatIsWantedIsSaid(t *testing.T) {
	t.Parallel()
	site := map[string]playbook.Option{"port": {Type: "int", Required: true}, "kind": {Type: "str", Choices: []any{"a", "b"}}}
	for name, c := range map[string]struct {
		option playbook.Option
		value  any
		want   []string
	}{
		"required":            {playbook.Option{Required: true}, nil, []string{"x: it is required and not set"}},
		"a type":              {playbook.Option{Type: "int"}, "many", []string{`x: a whole number is wanted, got the text "many"`}},
		"a secret":            {playbook.Option{Type: "int"}, secret.New("hush"), []string{"x: a whole number is wanted, got a secret"}},
		"a secret that fits":  {playbook.Option{Type: "int", Choices: []any{1}}, secret.New("1"), nil},
		"a choice":            {playbook.Option{Type: "int", Choices: []any{2, 3}}, "2", nil},
		"no choice":           {playbook.Option{Type: "str", Choices: []any{"a", true}}, "c", []string{`x: one of a, true is wanted, got the text "c"`}},
		"elements":            {playbook.Option{Type: "list", Elements: "int"}, []any{1, "x", unknown.Value{}, nil}, []string{`x[1]: a whole number is wanted, got the text "x"`}},
		"choices of elements": {playbook.Option{Type: "list", Choices: []any{"a"}}, []any{"a", "b"}, []string{`x[1]: one of a is wanted, got the text "b"`}},
		"options": {playbook.Option{Type: "list", Elements: "dict", Options: site}, []any{map[string]any{"kind": "c", "prot": 1}},
			[]string{`x[0].kind: one of a, b is wanted, got the text "c"`, "x[0].port: it is required and not set", `x[0].prot: there is no such option, did you mean "port"?`}},
		"options of a map": {playbook.Option{Type: "dict", Options: site}, map[string]any{"port": 1}, nil},
		"a long text":      {playbook.Option{Type: "bool"}, "0123456789012345678901234567890123456789012345", []string{`x: true or false is wanted, got the text "0123456789012345678901234567890123456789..."`}},
	} {
		if d := cmp.Diff(c.want, check(c.option, c.value)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
