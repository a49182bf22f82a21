package vars_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/vars"
	"github.com/google/go-cmp/cmp"
)

func layer(l vars.Level, of string, pairs ...any) *vars.Layer {
	out := &vars.Layer{Level: l, Of: of, Values: map[string]any{}, At: map[string]diag.Pos{}}
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		out.Values[name] = template.Mark(pairs[i+1], diag.Pos{})
		out.At[name] = diag.Pos{File: of + ".yml", Line: i/2 + 1, Col: 1}
	}
	return out
}

func TestHigherLevelsWinWhateverTheOrder(t *testing.T) {
	t.Parallel()
	var layers []*vars.Layer
	for l := vars.RoleDefaults; l <= vars.Magic; l++ {
		layers = append(layers, layer(l, "", "x", l.String(), fmt.Sprintf("only%d", l), int(l)))
	}
	up := vars.NewView(layers...)
	down := vars.NewView()
	for i := range layers {
		down = down.With(layers[len(layers)-1-i])
	}
	for _, v := range []*vars.View{up, down} {
		if x, _ := v.Child("x"); x != "magic variables" {
			t.Errorf("got %v", x)
		}
		if o := v.Origins("x"); len(o) != 22 || o[0].Level != vars.Magic || o[21].Level != vars.RoleDefaults {
			t.Errorf("got %v", o)
		}
		if x, ok := v.Child("only2"); !ok || x != 2 || len(v.Keys()) != 23 {
			t.Errorf("got %v, %v", x, v.Keys())
		}
	}
}

func TestWithinALevelTheLaterLayerWins(t *testing.T) {
	t.Parallel()
	v := vars.NewView(layer(vars.InventoryGroupVars, "a", "x", 1, "y", 1), nil, layer(vars.InventoryGroupVars, "b", "x", 2))
	if x, _ := v.Child("x"); x != 2 {
		t.Errorf("got %v", x)
	}
	more := v.With(layer(vars.InventoryGroupVars, "c", "x", 3), layer(vars.PlayVars, ""))
	if x, _ := more.Child("x"); x != 3 {
		t.Errorf("got %v", x)
	}
	if x, _ := v.Child("x"); x != 2 {
		t.Error("a view changed")
	}
	if got := more.Origins("y")[0].String(); got != "a.yml:2:1 (inventory group_vars of a)" {
		t.Error(got)
	}
	if more.Origins("z") != nil {
		t.Error("an origin of nothing")
	}
}

func TestMapsAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	v := vars.NewView(layer(vars.RoleDefaults, "", "m", map[string]any{"a": 1, "b": 2}), layer(vars.PlayVars, "", "m", map[string]any{"b": 3}))
	got, err := template.Resolve(v, &template.Text{Src: "{{ .m }}"})
	if want := any(map[string]any{"b": 3}); err != nil || !cmp.Equal(got, want) {
		t.Error(got, err)
	}
}

func TestTemplatesSeeTheViewTheyAreReadFrom(t *testing.T) {
	t.Parallel()
	play := layer(vars.PlayVars, "", "a", "{{ .b }}", "b", "play")
	text := &template.Text{Src: "{{ .a }}"}
	for want, v := range map[string]*vars.View{"play": vars.NewView(play), "set": vars.NewView(play).With(layer(vars.SetFacts, "", "b", "set"))} {
		if got, err := template.Resolve(v, text); err != nil || got != want {
			t.Errorf("got %v, %v, want %s", got, err, want)
		}
	}
}

// opener opens what begins with the header and is the plain text otherwise.
type opener struct{}

func (opener) Decrypt(data []byte) ([]byte, error) {
	_, body, ok := strings.Cut(string(data), "\n")
	if !ok {
		return nil, fmt.Errorf("no vault password opens it")
	}
	return []byte(body), nil
}

func TestFilesOfVariables(t *testing.T) {
	t.Parallel()
	r := vars.NewReader(opener{})
	set, err := r.Parse("a.yml", []byte("# c\na: yes\nb: {c: [1, 'x']}\npw: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  hunter2\n"))
	want := map[string]any{"a": true, "b": map[string]any{"c": []any{1, "x"}}, "pw": secret.New("hunter2\n")}
	if err != nil || !cmp.Equal(set.Values, want) || set.At["b"] != (diag.Pos{File: "a.yml", Line: 3, Col: 1}) {
		t.Error(set, err)
	}
	for _, text := range []string{"", "---\n", "# only this\n", "null"} {
		if set, err := r.Parse("a.yml", []byte(text)); err != nil || len(set.Values) != 0 {
			t.Errorf("%q: %v, %v", text, set, err)
		}
	}
	if set, err := r.Parse("a.json", []byte(`{"a": {"b": [1, 2.5, null]}}`)); err != nil || !cmp.Equal(set.Values["a"], any(map[string]any{"b": []any{1, 2.5, nil}})) {
		t.Error(set, err)
	}
}

func TestAllThatStandsInAnEncryptedFileIsSecret(t *testing.T) {
	t.Parallel()
	r := vars.NewReader(opener{})
	set, err := r.Parse("vault.yml", []byte("$ANSIBLE_VAULT;1.1;AES256\npw: hunter2\nport: 80\nurl: '{{ .user }}:hunter2'\n"))
	if err != nil {
		t.Fatal(err)
	}
	v := vars.NewView(&vars.Layer{Level: vars.PlayFiles, Values: set.Values}, layer(vars.PlayVars, "", "user", "root"))
	got, err := template.Resolve(v, &template.Text{Src: `{{ pick . "pw" "port" "url" }}`})
	if want := any(map[string]any{"pw": secret.New("hunter2"), "port": 80, "url": secret.New("root:hunter2")}); err != nil || !cmp.Equal(got, want) {
		t.Error(got, err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", set, set.Values["url"]), "hunter") {
		t.Error(set)
	}
	// Another file stays what it is, and other readers of the file know.
	if x := r.Text(source.Scalar{Value: "a", At: diag.Pos{File: "other.yml"}}); x != "a" {
		t.Error(x)
	}
	if x := r.Hooks().Text(source.Scalar{Value: "a", At: diag.Pos{File: "vault.yml"}}); x != secret.New("a") {
		t.Error(x)
	}
}

func TestProblemsWithFilesHaveAPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: 1\na: 2\n":    `a.yml:2:1: key is there twice: "a", first at line 1`,
		"a-b: 1\n":        `a.yml:1:1: invalid variable name: "a-b", call it a_b`,
		"1a: 1\n":         `a.yml:1:1: invalid variable name: "1a", use letters`,
		"- a\n":           `a.yml:1:1: not a map: it is a list`,
		"text":            `a.yml:1:1: not a map: it is "text"`,
		"a: [\n":          `a.yml:`,
		"a: !vault x\n":   `a.yml:1:4: encrypted value cannot be read: no vault password opens it`,
		"a: !vaul x\n":    `a.yml:1:4: unknown tag: !vaul, did you mean "!vault"?`,
		"a: {b: {{ c }}}": "a.yml:1:8: unquoted template",
		"a: 1\n---\nb: 2": "a.yml:3:1: more than one document",
		"$ANSIBLE_VAULT;": "a.yml:1:1: encrypted value cannot be read",
	} {
		if _, err := vars.NewReader(opener{}).Parse("a.yml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := vars.NewReader(nil).Parse("a.yml", []byte("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n")); err == nil {
		t.Error("opened without a password")
	}
}

func TestExtraVariables(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.yml")
	if err := os.WriteFile(file, []byte("f: 1\na: file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := vars.NewReader(nil).Extra([]string{"a=1 b='x y' c=\"it's\" d= e=p=q", "t=true u=False v=yes", "@" + file, `{"j": [1, true], "n": null}`, " {y: 2} ", `esc=a\"b path=C:\x`})
	want := map[string]any{"a": "file", "b": "x y", "c": "it's", "d": "", "e": "p=q", "t": true, "u": false, "v": "yes", "f": 1, "j": []any{1, true}, "n": nil, "y": 2, "esc": `a"b`, "path": `C:\x`}
	if err != nil || !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got), err)
	}
	got, err = vars.NewReader(nil).Extra([]string{`a={{ .x | default "b c" }}/d e=1`})
	if text, ok := got["a"].(*template.Text); err != nil || !ok || text.Src != `{{ .x | default "b c" }}/d` || got["e"] != "1" {
		t.Error(got, err)
	}
}

func TestExtraVariablesRefused(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"a='x":       "the quote ' is not closed",
		"hunter2":    "extra variable without a value: word 1, write name=value",
		"a-b=1":      `invalid variable name: "a-b", call it a_b`,
		"@/no/where": "/no/where: unreadable variables: no such file or directory",
		"{a: 1":      "--extra-vars:1",
		"[1]":        "not a map: it is a list",
		"=x":         `invalid variable name: ""`,
	} {
		if _, err := vars.NewReader(nil).Extra([]string{arg}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: got %v", arg, err)
		}
	}
}

// FuzzExtra holds the reading of arguments to: no panic, and what is refused is
// told as a problem with a place.
func FuzzExtra(f *testing.F) {
	for _, s := range []string{"a=1 b='x y'", `{"a": 1}`, "{a: [", `a={{ "}}" }} b=\"`, "[", "a", "a={{{ x }}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		if strings.HasPrefix(strings.TrimSpace(arg), "@") {
			return
		}
		if _, err := vars.NewReader(nil).Extra([]string{arg}); err != nil && !strings.Contains(err.Error(), "--extra-vars") {
			t.Fatalf("%q: %v", arg, err)
		}
	})
}

func BenchmarkViewOfATask(b *testing.B) {
	var host []*vars.Layer
	for l := vars.RoleDefaults; l <= vars.RoleVars; l++ {
		host = append(host, layer(l, "", "x", 1, fmt.Sprint("y", int(l)), 2))
	}
	base := vars.NewView(host...)
	task := layer(vars.TaskVars, "", "t", 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := base.With(task).Child("y2"); !ok {
			b.Fatal("lost")
		}
	}
}
