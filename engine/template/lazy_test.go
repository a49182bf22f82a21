package template_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template"
)

// fleet is hostvars: each host's variables are evaluated in its own scope.
type fleet struct {
	hosts map[string]*template.Vars
	asked *int
}

func (f *fleet) Child(name string) (any, bool) {
	*f.asked++
	v, ok := f.hosts[name]
	return v, ok
}

func (f *fleet) Keys() []string { return []string{"h1", "h2"} }

func hosts() (template.Vars, *int) {
	asked := new(int)
	f := &fleet{map[string]*template.Vars{}, asked}
	for _, h := range f.Keys() {
		v := template.Vars(template.Mark(map[string]any{"name": h, "fqdn": "{{ .name }}.lan", "n": 1, "cfg": map[string]any{"at": []any{"{{ .fqdn }}:80"}},
			"back": "{{ .hostvars.h1.loop }}", "loop": "{{ .hostvars.h2.back }}"}, diag.Pos{}).(map[string]any))
		v["hostvars"] = f
		f.hosts[h] = &v
	}
	return template.Vars{"hostvars": f, "name": "me", "item": "h2"}, asked
}

func TestLazyValuesAreEvaluatedInTheirOwnScope(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]any{
		"{{ .hostvars.h1.fqdn }}": "h1.lan", "{{ (index .hostvars .item).fqdn }}": "h2.lan", `{{ index .hostvars .item "cfg" "at" 0 }}`: "h2.lan:80", "{{ .hostvars.h1.cfg }}": map[string]any{"at": []any{"h1.lan:80"}},
		`{{ list "h1" "h2" | extract .hostvars "fqdn" | join "," }}`: "h1.lan,h2.lan", "{{ range $h, $v := .hostvars }}{{ $v.fqdn }} {{ end }}": "h1.lan h2.lan ", "{{ len .hostvars }}": 2, `{{ keys .hostvars }}`: []any{"h1", "h2"},
		`{{ hasKey .hostvars "h3" }}`: false, `{{ hasKey (index .hostvars "h1") "fqdn" }}`: true, "{{ with .hostvars.h1 }}{{ .fqdn }}{{ end }}": "h1.lan", "{{ range .hostvars.h1.cfg.at }}{{ . }}{{ end }}": "h1.lan:80",
		`{{ $v := .hostvars.h1 }}{{ $v.cfg.at | first }}`: "h1.lan:80", "{{ .hostvars.h3.fqdn | default 1 }}": 1, "{{ pick .hostvars.h1.cfg \"at\" | toJson }}": `{"at":["h1.lan:80"]}`,
	} {
		v, _ := hosts()
		if got, err := eval(v, src); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", src, got, err)
		}
	}
}

func TestLazyValuesAreAskedForNoMoreThanIsNeeded(t *testing.T) {
	t.Parallel()
	v, asked := hosts()
	if _, err := eval(v, "{{ .hostvars.h1.n }}"); err != nil || *asked != 1 {
		t.Error(*asked, err)
	}
}

func TestLazyErrors(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{ .hostvars.h3.x }}": `undefined variable: "h3" of .hostvars, did you mean "h1"?`, "{{ .hostvars.h1.fqnd }}": `"fqnd" of .hostvars.h1, did you mean "fqdn"?`, "{{ .hostvars.h1.loop }}": "need each other",
	} {
		v, _ := hosts()
		if _, err := eval(v, src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", src, err)
		}
	}
}

func TestOneTextMayBeEvaluatedByMany(t *testing.T) {
	t.Parallel()
	text := &template.Text{Src: "{{ range .list }}{{ . | upper }}{{ end }}-{{ .name }}-{{ .lazy }}"}
	shared := &template.Text{Src: "{{ .name | lower }}"}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := strings.Repeat("N", i)
			for range 50 {
				got, err := template.Resolve(template.Vars{"name": name, "list": []any{"a", name}, "lazy": shared}, text)
				if want := "A" + name + "-" + name + "-" + strings.ToLower(name); err != nil || got != want {
					t.Errorf("got %v, %v, want %s", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestFunctionsAreDocumented(t *testing.T) {
	t.Parallel()
	all := template.Functions()
	for i, f := range all {
		if f.Name == "" || f.Origin == "gokube" && (f.Summary == "" || !strings.HasPrefix(f.Signature, f.Name)) || i > 0 && all[i-1].Name >= f.Name {
			t.Errorf("%+v", f)
		}
	}
}

func BenchmarkField(b *testing.B)     { benchmark(b, &template.Text{Src: "{{ .name }}"}) }
func BenchmarkText(b *testing.B)      { benchmark(b, &template.Text{Src: "a {{ .name }} b {{ .n }}"}) }
func BenchmarkFunction(b *testing.B)  { benchmark(b, &template.Text{Src: "{{ .name | upper }}"}) }
func BenchmarkCondition(b *testing.B) { benchmark(b, template.Pipeline(`eq .name "web"`, diag.Pos{})) }
func BenchmarkLazy(b *testing.B)      { benchmark(b, &template.Text{Src: "{{ .lazy }}"}) }

func benchmark(b *testing.B, t *template.Text) {
	v := vars()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := template.Resolve(v, t); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkConditionParsedEachTime(b *testing.B) {
	v := vars()
	for b.Loop() {
		if _, _, err := template.Test(v, `eq .name "web"`, diag.Pos{}); err != nil {
			b.Fatal(err)
		}
	}
}
