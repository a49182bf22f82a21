package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/secret"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func TestNothingShowsTheText(t *testing.T) {
	t.Parallel()
	s := secret.New("hunter2")
	in := map[string]any{"a": s, "p": &s, "l": []any{s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", s, &s, in)
	}
	j, err := json.Marshal(in)
	y, yerr := yaml.Marshal(in)
	fmt.Fprintln(&out, s, string(j), err, string(y), yerr, fmt.Errorf("say %w", fmt.Errorf("x %v", s)))
	for _, leak := range []string{"hunter", fmt.Sprintf("%x", "hunter")} {
		if strings.Contains(strings.ToLower(out.String()), leak) {
			t.Fatalf("%q in %s", leak, out.String())
		}
	}
	if s.Reveal() != "hunter2" || s != secret.New("hunter2") {
		t.Fatal("the text is lost")
	}
}

func TestHideAndReveal(t *testing.T) {
	t.Parallel()
	plain := map[string]any{"a": "x", "l": []any{"y", 1, nil, true}}
	hidden := secret.Hide(plain)
	want := map[string]any{"a": secret.New("x"), "l": []any{secret.New("y"), 1, nil, true}}
	if !cmp.Equal(hidden, any(want)) {
		t.Fatal(cmp.Diff(want, hidden))
	}
	if got, found := secret.Reveal(hidden); !found || !cmp.Equal(got, any(plain)) {
		t.Fatal(got, found)
	}
	if _, found := secret.Reveal(plain); found {
		t.Fatal("a secret where there is none")
	}
}
