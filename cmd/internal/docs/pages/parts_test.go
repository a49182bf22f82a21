package pages

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/template/jinja"
)

func TestFillReplacesDerivedParts(t *testing.T) {
	t.Parallel()
	p := func() (string, string, error) { return "x", "new\n", nil }
	got, err := fill("a\n"+begin("x")+"old\n"+end("x")+"b\n", []part{p})
	if want := "a\n" + begin("x") + "\nnew\n\n" + end("x") + "b\n"; err != nil || got != want {
		t.Errorf("%v: got %q, want %q", err, got, want)
	}
	if again, err := fill(got, []part{p}); err != nil || again != got {
		t.Errorf("%v: a second time gives %q", err, again)
	}
	if _, err := fill("a\n"+begin("x"), []part{p}); err == nil {
		t.Error("a part without a place is not missed")
	}
}

func TestOnlyKeywordsHaveMeanings(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, k := range load.Keywords() {
		known[k.Name] = true
		if len(k.Of) == 0 {
			t.Errorf("%s may stand nowhere", k.Name)
		}
	}
	for name := range meanings {
		if !known[name] {
			t.Errorf("%s is no keyword", name)
		}
	}
}

func TestEveryTypeOfArgumentIsExplained(t *testing.T) {
	t.Parallel()
	for _, spec := range docs.Specs() {
		for _, f := range spec.Args.Fields() {
			if types[f.Type] == "" {
				t.Errorf("%s of %s is %s, which types.go does not explain", f.Name, spec.Name, f.Type)
			}
		}
	}
}

func TestShownFormsOfJinjaAreTemplates(t *testing.T) {
	t.Parallel()
	for _, src := range texts() {
		if err := template.Check(template.File("shown", []byte(jinja.Hint(src, 0)))); err != nil || jinja.Hint(src, 0) == "" {
			t.Errorf("%s: %q: %v", src, jinja.Hint(src, 0), err)
		}
	}
	for _, src := range tests() {
		if _, err := template.ConditionOf(jinja.Condition(src), diag.Pos{}); err != nil || jinja.Condition(src) == "" {
			t.Errorf("%s: %q: %v", src, jinja.Condition(src), err)
		}
	}
}

func TestFactsAreThoseOfTemplates(t *testing.T) {
	t.Parallel()
	_, text, err := source{top: "../../../.."}.facts()
	for _, want := range []string{"| `.facts.os.family` | string |", "| `.facts.network.interfaces[].mtu` | int |", "| `.facts.memory.total_mb` | int |", "| `.facts.mounts` | list of map |"} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("no %q (%v) in\n%s", want, err, text)
		}
	}
}
