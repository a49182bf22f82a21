package ini_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/inventory/ini"
)

const sample = `# an inventory
first ansible_port=22   # trailing
; a comment too

[web]            # the front
web[01:03] weight=2 name="two words" tpl='{{ x }}'
[ab]:22

[prod:children]
web
db   # later

[prod:vars]
a = 5 # five
b= plain text # kept
c="{{ quoted }}"
empty=
`

func TestSectionsAreReadWithTheirPlaces(t *testing.T) {
	t.Parallel()
	got, err := ini.Parse("hosts", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	at := func(line, col int) diag.Pos { return diag.Pos{File: "hosts", Line: line, Col: col} }
	want := []ini.Section{
		{Group: "ungrouped", Kind: ini.Hosts, Hosts: []ini.Host{
			{Pos: at(2, 1), Pattern: "first", Vars: []ini.Var{{Pos: at(2, 7), Name: "ansible_port", Value: 22, At: at(2, 20)}}},
		}},
		{Pos: at(5, 1), Group: "web", Kind: ini.Hosts, Hosts: []ini.Host{
			{Pos: at(6, 1), Pattern: "web[01:03]", Vars: []ini.Var{
				{Pos: at(6, 12), Name: "weight", Value: 2, At: at(6, 19)},
				{Pos: at(6, 21), Name: "name", Value: "two words", At: at(6, 27), Exact: true},
				{Pos: at(6, 38), Name: "tpl", Value: "{{ x }}", At: at(6, 43), Exact: true},
			}},
			{Pos: at(7, 1), Pattern: "[ab]:22"},
		}},
		{Pos: at(9, 1), Group: "prod", Kind: ini.Children, Children: []ini.Child{{at(10, 1), "web"}, {at(11, 1), "db"}}},
		{Pos: at(13, 1), Group: "prod", Kind: ini.Vars, Vars: []ini.Var{
			{Pos: at(14, 1), Name: "a", Value: 5, At: at(14, 5)},
			{Pos: at(15, 1), Name: "b", Value: "plain text # kept", At: at(15, 4), Exact: true},
			{Pos: at(16, 1), Name: "c", Value: "{{ quoted }}", At: at(16, 4), Exact: true},
			{Pos: at(17, 1), Name: "empty", Value: "", At: at(17, 7)},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

func TestValuesArePythonLiterals(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]any{
		"5": 5, "-5": -5, "+5": 5, "1_000": 1000, "0x1F": 31, "0o17": 15, "0b11": 3, "00": 0, "0644": "0644", "5 # five": 5,
		"1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "012.5": 12.5, "10.0.0.1": "10.0.0.1", "1-2": "1-2", "1j": "1j", "5abc": "5abc",
		"9223372036854775807": 9223372036854775807, "9223372036854775808": "9223372036854775808",
		"True": true, "False": false, "None": nil, "true": "true", "yes": "yes", "null": "null", "Trueish": "Trueish",
		"'a'": "a", `"a"`: "a", `"it's"`: "it's", `'a' "b"`: "ab", `"a\tb\x41\u00e9\101\q"`: "a\tbAéA\\q", `r'\n'`: `\n`, `b'x'`: "x", `'''x'y'''`: "x'y", `'x`: `'x`,
		"[1, 'a', [True]]": []any{1, "a", []any{true}}, "[1,]": []any{1}, "[]": []any{}, "[,]": "[,]", "[1 2]": "[1 2]", "[a]": "[a]", "[1": "[1",
		"(1)": 1, "(1,)": []any{1}, "()": []any{}, "1, 2": []any{1, 2}, "1,": []any{1}, "{1, 2}": []any{1, 2}, "a, b": "a, b",
		"{'a': 1, 'b': {'c': []}}": map[string]any{"a": 1, "b": map[string]any{"c": []any{}}}, "{1: 'x', None: 2, True: 3}": map[string]any{"1": "x", "null": 2, "true": 3},
		"{}": map[string]any{}, "{'a': 1, 2}": "{'a': 1, 2}", "{[]: 1}": "{[]: 1}", "{'a'}": []any{"a"}, "{{ x }}": "{{ x }}", "": "", "plain text": "plain text",
		strings.Repeat("[", 200): strings.Repeat("[", 200), strings.Repeat("{", 200): strings.Repeat("{", 200),
	} {
		if diff := cmp.Diff(want, ini.Literal(in)); diff != "" {
			t.Errorf("Literal(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestWordsAreCutAsByAShell(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`h a=1 b=2`:           "a|1 b|2",
		`h a="x y" b='p "q"'`: `a|x y b|p "q"`,
		`h a=x\ y`:            "a|x y",
		`h a="\"" b='\'`:      `a|" b|\`,
		`h a=1 # b=2`:         "a|1",
		`h a=1#b=2`:           "a|1",
		`h a="x#b"`:           "a|x#b",
		`h a=b=c`:             "a|b=c",
		`h "a=x y"`:           "a|x y",
	} {
		sections, err := ini.Parse("f", []byte(in))
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var got []string
		for _, v := range sections[0].Hosts[0].Vars {
			switch v.Value.(type) {
			case int:
				got = append(got, v.Name+"|1")
				if v.Name == "b" {
					got[len(got)-1] = "b|2"
				}
			default:
				got = append(got, v.Name+"|"+v.Value.(string))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q; want %q", in, got, want)
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	const text = "[web db]\nskipped\n[web:child]\nskipped\n[web]\nh \"open\nh a\nh =1\nall:\n" +
		"[web:children]\na b\n[web:vars]\nx\n[web] ; note\n[web\n[]\nh \xff\n[x y]\n[web]\n---\n[x y]\n"
	_, err := ini.Parse("f", []byte(text))
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("no list of problems: %v", err)
	}
	var got []string
	for _, d := range list {
		got = append(got, d.Error())
	}
	want := []string{
		`f:1:1: invalid section header: [web db], write [group], [group:children] or [group:vars], without spaces`,
		`f:3:1: unknown kind of section: "child" in [web:child], write [group], [group:children] or [group:vars]`,
		`f:6:1: invalid host line: the quote " is not closed`,
		`f:7:3: not a variable: a, write name=value, on the line of a host without spaces around "="`,
		`f:8:3: not a variable: =1, write name=value, on the line of a host without spaces around "="`,
		`f:9:1: invalid host name: "all:" ends in a colon, give a YAML file a name that ends in .yml`,
		`f:11:1: not a group name: a b, a section of children has one group on each line`,
		`f:13:1: not a variable: x, write name=value, on the line of a host without spaces around "="`,
		`f:14:1: invalid section header: [web] ; note, write [group], [group:children] or [group:vars], without spaces`,
		`f:15:1: invalid section header: [web, write [group], [group:children] or [group:vars], without spaces`,
		`f:16:1: invalid section header: [], write [group], [group:children] or [group:vars], without spaces`,
		`f:17:1: invalid text: it is not UTF-8`,
		`f:18:1: invalid section header: [x y], write [group], [group:children] or [group:vars], without spaces`,
		`f:20:1: not an INI inventory: "---" is the start of a YAML file, give the file a name that ends in .yml`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("h a='x\n[g:vars]\nv={'a': [1, (2,), r'\\n']}\n[x]\n[::1]:22 k=\"{{ a }}\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		sections, err := ini.Parse("f", data)
		var list diag.List
		if err != nil && !errors.As(err, &list) {
			t.Fatalf("not a list of problems: %v", err)
		}
		for _, d := range list {
			if d.Pos.Line < 1 || d.Pos.Col < 1 {
				t.Errorf("no place: %v", d)
			}
		}
		lines := strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
		for _, s := range sections {
			for _, v := range s.Vars {
				if text, _ := v.Value.(string); v.Exact && !strings.HasPrefix(lines[v.At.Line-1][v.At.Col-1:], text) {
					t.Errorf("%q is not at %v", text, v.At)
				}
			}
		}
	})
}

func FuzzLiteral(f *testing.F) {
	for _, seed := range []string{"{'a': [1, (2,)]}", `"\x41" 'b'`, "1_0.5e3", "{{{", "[[[[", "b'x'", "0o7,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if v, ok := ini.Literal(in).(string); ok && len(v) > 4*len(in) {
			t.Errorf("%q became %q", in, v)
		}
	})
}
