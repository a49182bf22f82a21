package edit

import (
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/regex/compile"
)

// compiled is a pattern, and skips a test without one.
func compiled(t *testing.T, flags, text string) module.Pattern {
	t.Helper()
	p, err := compile.Pattern(flags, text)
	if err != nil {
		t.Skip()
	}
	return p
}

func FuzzLineEditIsIdempotent(f *testing.F) {
	f.Add("a\nb\n", "b=1", "^b", "", uint8(0))
	f.Add("foo\nfoo", "bar", "foo", "", uint8(0))
	f.Add("x=1", `\1=\1`, "(.)=", "", uint8(1))
	f.Add("\r\n", "", "", "", uint8(4))
	f.Add("a\n", "b", "", "a", uint8(2))
	f.Fuzz(func(t *testing.T, s, line, pattern, after string, flags uint8) {
		a := &LineinfileArgs{Regexp: compiled(t, "", pattern), Insertafter: compiled(t, "", after), Backrefs: flags&1 != 0, Firstmatch: flags&2 != 0}
		a.Line.Text = line
		if flags&4 != 0 {
			a.State = "absent"
		}
		e, err := a.edit()
		if err != nil {
			t.Skip()
		}
		once, err := e.apply(s)
		if err != nil {
			t.Skip()
		}
		if twice, err := e.apply(once); twice != once || err != nil {
			t.Fatalf("%q, then %q, then %q (%v)", s, once, twice, err)
		}
		if e.absent && slices.ContainsFunc(split(once).text, e.goes) {
			t.Fatalf("%q still holds the line", once)
		}
		if !e.absent && !e.backrefs && e.match == nil && !slices.Contains(split(once).text, e.line) {
			t.Fatalf("%q lacks %q", once, e.line)
		}
	})
}

func FuzzBlockEditIsIdempotent(f *testing.F) {
	f.Add("a\nb", "x\ny\n", "", uint8(0))
	f.Add("# BEGIN m\n# BEGIN m\nx\n# END m\n# END m", "", "", uint8(0))
	f.Add("# END m\n# BEGIN m\nq", "z", "a", uint8(3))
	f.Fuzz(func(t *testing.T, s, block, after string, flags uint8) {
		a := &BlockinfileArgs{Marker: "# {mark} m", MarkerBegin: "BEGIN", MarkerEnd: "END", Insertafter: compiled(t, "", after), AppendNewline: flags&1 != 0, PrependNewline: flags&2 != 0}
		a.Block.Text = block
		e, err := a.edit()
		if err != nil {
			t.Skip()
		}
		once := e.apply(s)
		if twice := e.apply(once); twice != once {
			t.Fatalf("%q, then %q, then %q", s, once, twice)
		}
		want := strings.Join(e.lines(), "\n")
		if block != "" && !strings.Contains("\n"+once, "\n"+want+"\n") {
			t.Fatalf("%q lacks %q", once, want)
		}
		if from, _ := e.find(split(once).text); block == "" && from >= 0 {
			t.Fatalf("%q still holds a block", once)
		}
	})
}

func FuzzReplaceIsIdempotent(f *testing.F) {
	f.Add("a=1\nb=2\n", `^a=\d`, `a=3`)
	f.Add("aa", "a", "aa")
	f.Add("", "^", "x")
	f.Fuzz(func(t *testing.T, s, pattern, with string) {
		e := replaceEdit{what: compiled(t, "m", pattern), with: with}
		once, err := e.steady(s)
		if err != nil {
			t.Skip()
		}
		if twice, err := e.steady(once); twice != once || err != nil {
			t.Fatalf("%q, then %q, then %q (%v)", s, once, twice, err)
		}
	})
}

func FuzzSplitKeepsEveryByte(f *testing.F) {
	for _, s := range []string{"", "\n", "a", "a\n", "\n\n", "a\r\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := split(s).String(); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
