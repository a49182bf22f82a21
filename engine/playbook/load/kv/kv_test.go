package kv_test

import (
	"errors"
	"testing"

	"github.com/gokube/gokube/engine/playbook/load/kv"
	"github.com/google/go-cmp/cmp"
)

func TestWordsAreSplitOutsideQuotesAndBraces(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][][2]string{
		"":                                nil,
		"  a  b\n":                        {{"", "a"}, {"", "b"}},
		"src=a dest=/b":                   {{"src", "a"}, {"dest", "/b"}},
		`msg="a b" x='c d'`:               {{"msg", "a b"}, {"x", "c d"}},
		`msg="say \"hi\""`:                {{"msg", `say "hi"`}},
		`name={{ .a | default "x y" }} b`: {{"name", `{{ .a | default "x y" }}`}, {"", "b"}},
		`line="a=b c"`:                    {{"line", "a=b c"}},
		`opts=a=b,c=d`:                    {{"opts", "a=b,c=d"}},
		`x="a"b`:                          {{"x", `"a"b`}},
		`echo "a b"`:                      {{"", "echo"}, {"", "a b"}},
		`--opt=1 =x 1a=b`:                 {{"", "--opt=1"}, {"", "=x"}, {"", "1a=b"}},
		`a\ b`:                            {{"", `a\ b`}},
		"k=":                              {{"k", ""}},
	} {
		words, err := kv.Split(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var got [][2]string
		for _, w := range words {
			got = append(got, [2]string{w.Key, w.Value})
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: %s", line, cmp.Diff(want, got))
		}
	}
}

func TestWhatIsNotClosedHasItsPlace(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{`a "b`: 2, `x='y z`: 2, "a {{ b": 2, "{{ 'a }}": 3} {
		_, err := kv.Split(line)
		var e *kv.Error
		if !errors.As(err, &e) || e.Offset != want {
			t.Errorf("%q: got %v, want offset %d", line, err, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a=b c", `a="b c" d='e'`, "{{ a }}=b", `\`, "a={% x %}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := kv.Split(s)
		if err != nil {
			return
		}
		last := 0
		for _, w := range words {
			if w.Start < last || w.End <= w.Start || w.End > len(s) || w.From < w.Start || w.From > w.End {
				t.Fatalf("%q: word at %d to %d", s, w.Start, w.End)
			}
			last = w.End
		}
	})
}
