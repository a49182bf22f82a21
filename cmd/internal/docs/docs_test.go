package docs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/docs/gather"
)

func TestCommentsAreUpToDate(t *testing.T) {
	t.Parallel()
	want, err := gather.All("../../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, map[string]string(got)); d != "" {
		t.Fatalf("run make generate:\n%s", d)
	}
}

func TestEveryArgumentIsDocumented(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Specs() {
		for _, f := range s.Args.Fields() {
			if c.Field(f) == "" {
				t.Errorf("%s: argument %s has no comment", s.Name, f.Name)
			}
		}
		if text := c.Module(s); !strings.Contains(text, s.Example) || s.Summary == "" || s.Example == "" {
			t.Errorf("%s has no summary or no example", s.Name)
		}
	}
}
