package template

import (
	"strings"
	"testing"
)

func TestTemplatesWithoutEndAreStopped(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{ range until 1000000000 }}{{ end }}": "too big", "{{ range 1000000000 }}{{ end }}": "template does not end", "{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}": "template does not end",
		`{{ $x := "aaaaaaaa" }}{{ range until 50 }}{{ $x = print $x $x }}{{ end }}`: "too much", `{{ $x := list 1 }}{{ range until 50 }}{{ $x = list $x $x }}{{ end }}`: "template does not end",
		`{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`: "exceeded maximum template depth", `{{ range until 1000 }}{{ repeat 1000000 "x" }}{{ end }}`: "prints too much",
	} {
		r := &run{steps: mostSteps - 20_000}
		if got, err := r.resolve(Vars{}, &Text{Src: src}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %.100v, %v, want %s", src, got, err, want)
		}
	}
}
