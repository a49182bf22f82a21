package template

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// FuzzIndependence is the package's rule as a property: whatever a template
// comes to while .u is unknown, it comes to for every value of .u; and an error
// is an error for every value of .u.
func FuzzIndependence(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, seed []byte) {
		src := (&writer{seed: seed}).body(4)
		got, err := Resolve(with(token), &Text{Src: src})
		if _, ok := unknown.In(got); ok && err == nil {
			return // nothing was claimed
		}
		for _, u := range []any{nil, "", "x", "false", 0, 1, true, false, []any{}, []any{"p"}, map[string]any{"a": 1}} {
			was, werr := Resolve(with(u), &Text{Src: src})
			if (err == nil) != (werr == nil) || err == nil && !reflect.DeepEqual(got, was) {
				t.Fatalf("%s\nunknown: %#v, %v\n%#v: %#v, %v", src, got, err, u, was, werr)
			}
		}
	})
}

var token = unknown.Value{Why: "a task"}

func with(u any) Vars {
	return Vars{"u": u, "s": "abc", "n": 2, "t": true, "f": false, "nil": nil, "l": []any{"p", u, "q"}, "m": map[string]any{"u": u, "k": "v"},
		"lazy": &Text{Src: "{{ .m.u }}!"}, "fine": &Text{Src: "{{ if .t }}{{ .s }}{{ else }}{{ .u }}{{ end }}"}, "deep": []any{map[string]any{"u": u, "k": 1}}}
}

// FuzzSecrets holds the package to: no text that came of a secret is anything
// but a secret, and no error shows it.
func FuzzSecrets(f *testing.F) {
	seeds(f)
	const text = "qzqz"
	f.Fuzz(func(t *testing.T, seed []byte) {
		src := (&writer{seed: seed}).body(4)
		got, err := Resolve(with(secret.New(text)), &Text{Src: src})
		if shown := strings.ToLower(fmt.Sprintf("%v %+v %v", got, err, err)); strings.Contains(shown, text) {
			t.Fatalf("%s\ngives %s", src, shown)
		}
	})
}

// FuzzCheck holds parsing to: no panic, and every problem has a place.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"{{ .a }}", "{% if x %}", "a {{ foo | bar('x') }} b", "{{ define \"a\" }}{{ template \"b\" }}{{ end }}", "{{ range $i, $x := .a }}{{ break }}{{ else }}{{ end }}", "{{/* x */}}", "{{ (.a).b | index 1 }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		at := diag.Pos{File: "f", Line: 1, Col: 1}
		for _, text := range []*Text{{Src: src, At: at, Exact: true}, {Src: src, At: at}, Pipeline(src, at), File("f", []byte(src))} {
			var l diag.List
			l.Add(diag.Pos{}, Check(text))
			for _, d := range l {
				if d.Pos.File != "f" || d.Pos.Line < 1 || d.Pos.Line > 1+strings.Count(src, "\n") || d.Summary == "" {
					t.Fatalf("%q: no place in %#v", src, d)
				}
			}
		}
	})
}

func seeds(f *testing.F) {
	for i := range 400 {
		seed := make([]byte, 80)
		rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)}).Read(seed)
		f.Add(seed)
	}
}

// writer turns bytes into a template.
type writer struct{ seed []byte }

func (w *writer) pick(of ...string) string {
	if len(w.seed) == 0 {
		return of[0]
	}
	b := w.seed[0]
	w.seed = w.seed[1:]
	return of[int(b)%len(of)]
}

func (w *writer) body(depth int) string {
	if depth == 0 {
		return w.pick("a", "{{ .k }}", "{{ . }}")
	}
	e, b := w.expr(depth-1), w.body(depth-1)
	s := w.pick("{{ E }}", "x{{ E }}B", "{{ if E }}B{{ else }}C{{ end }}", "{{ range E }}B{{ . }}{{ end }}", "{{ range $i, $v := E }}{{ $v }}B{{ else }}C{{ end }}",
		"{{ with E }}B{{ .k }}{{ else }}C{{ end }}", "{{ $x := E }}B{{ $x }}", "{{ $x := E }}B{{ $.s }}", `{{ define "d" }}B{{ . }}{{ end }}{{ template "d" E }}`,
		"{{ range $x := E }}{{ range E }}{{ continue }}{{ end }}{{ $x }}{{ end }}", "{{ block \"b\" E }}B{{ . }}{{ end }}", "{{ range E }}{{ if .u }}B{{ break }}{{ end }}{{ end }}", "{{ if and .t E }}B{{ else if E }}C{{ end }}", "{{ $x := 1 }}{{ if E }}{{ $x = E }}{{ end }}{{ $x }}")
	c := w.body(depth - 1)
	return strings.NewReplacer("E", e, "B", b, "C", c).Replace(s)
}

func (w *writer) expr(depth int) string {
	if depth == 0 {
		return w.pick(".u", ".s", ".n", ".t", ".f", ".nil", ".l", ".m", ".m.u", ".m.k", ".lazy", ".fine", ".deep", ".", "$", ".gone", `"lit"`, "1", ".u.x")
	}
	s := w.pick("X", "(X)", "(and X Y)", "(or X Y)", "(not X)", "(eq X Y)", "(ne X Y)", "(lt X Y)", "(len X)", "(index X 1)", `(index X "u")`, `(index X "k")`, "(default X Y)",
		"(X | default Y)", "(ternary X Y .t)", "(ternary 1 2 X)", "(list X Y)", `(dict "u" X "k" Y)`, `(hasKey X "u")`, "(keys X | len)", "(toJson X)", `(printf "%v" X)`,
		"(X | quote)", "(coalesce X Y)", "(empty X)", "(first X)", "(last X)", `(get X "u")`, `(get X "k")`, "(kindOf X)", "(concat X Y)", `(X | toString | and Y)`,
		`(merge X Y)`, `(extract X "k" Y)`, "(extract X Y)", `(where "k" X Y)`, `(required "r" X)`, "(bool X)", `(join "," X)`, "(union X Y)", `(omit X "k")`, "(X | default omit)",
		"(flatten X)", "(print X Y)", "(X | upper)", "(X | b64enc | b64dec)", "(combine X Y)", "(X | toYaml)", "(zip X Y)", "(X | fromJson)", "(keys X)", `(hasKey . "u")`, "(fail X)", "(contains X Y)", "(int X)", "(sum X)",
		"(X).k", "(X).u", "(deepCopy X)", "(all X Y)", "(any X Y)", "(has X Y)", "(X | or Y)", "(slice X 1)", "(print X)", `(pluck "k" X)`, "(values X)")
	return strings.NewReplacer("X", w.expr(depth-1), "Y", w.expr(depth-1)).Replace(s)
}
