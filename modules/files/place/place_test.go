package place

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestAbs(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	for in, want := range map[string]string{"/a//b/../c": "/a/c", "/a/": "/a/", "~": "/root", "~/x/": "/root/x/", "/": "/", "//": "/"} {
		if got, err := Abs(f, in); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "a", "./a", "~joe/x"} {
		if got, err := Abs(f, in); err == nil {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"": nil, "  ": nil, "visudo -cf %s": {"visudo", "-cf", "%s"}, `sh -c 'test "a b" = %s'`: {"sh", "-c", `test "a b" = %s`},
		`a\ b "c\"d" '' %s`: {"a b", `c"d`, "", "%s"},
	} {
		got, err := words(in)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", in, err, diff)
		}
	}
	for _, in := range []string{"true", "'%s", `"%s`, `%s\`} {
		if got, err := words(in); err == nil {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add(`a 'b c' "d" \e %s`)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := words(s)
		if err == nil && strings.TrimSpace(s) != "" && len(got) == 0 {
			t.Errorf("%q has no words", s)
		}
	})
}

func TestAttributesOfWhatIsUnsure(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	for mode, relative := range map[module.Mode]bool{"0644": false, "u=rw,g=r,o=r": false, "u+x": true, "a=rX": true, "": false} {
		_, got, err := FileAttrs{Mode: mode}.For(f, Found{Unsure: true}, false)
		if got != relative || err != nil {
			t.Errorf("%q: relative %v, %v", mode, got, err)
		}
	}
}

func TestAWriteIsCertainOnlyIfWhatIsThereIsKnownToDiffer(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	f.Files["/etc/a"] = systemtest.File{Text: "a"}
	o := overlay.New(f)
	o.Taint("a command", false)
	for p, want := range map[string]bool{"/etc/a": true, "/etc/new": false} {
		plan := &module.Plan{}
		if _, err := (File{Path: p, Content: system.Data([]byte("b"))}).Plan(t.Context(), o, plan); err != nil || len(plan.Steps) != 1 || plan.Steps[0].Certain != want {
			t.Errorf("%s: %+v, %v", p, plan.Steps, err)
		}
	}
}

func TestPathsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	f.Files["/etc/f"], f.Files["/l"], f.Files["/m"] = systemtest.File{}, systemtest.Link("m"), systemtest.Link("l")
	for p, want := range map[string]string{"/nope/x": "directory /nope does not exist", "/etc/f/x": "/etc/f is not a directory", "/l/x": "links form a loop", "/etc": "a directory is there"} {
		_, err := File{Path: p, Content: system.Data(nil)}.Plan(t.Context(), f, &module.Plan{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", p, err, want)
		}
	}
	if Kind(fs.ModeSocket) != "special file" {
		t.Error(Kind(fs.ModeSocket))
	}
}
