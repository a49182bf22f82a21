package commands

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
)

func TestWordsAreSplitAsAShellWould(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"":                     nil,
		" \t\n":                nil,
		"ls -l /":              {"ls", "-l", "/"},
		"  ls\t-l\n/\r\n":      {"ls", "-l", "/"},
		`echo "a b" 'c d'`:     {"echo", "a b", "c d"},
		`echo a" b"' c'd`:      {"echo", "a b cd"},
		`echo "" ''`:           {"echo", "", ""},
		`echo a\ b \"`:         {"echo", "a b", `"`},
		`echo '\n' "\n" \n`:    {"echo", `\n`, `\n`, "n"},
		`echo "\"\\\$"`:        {"echo", `"\$`},
		"kubeadm init \\\n -v": {"kubeadm", "init", "-v"},
		"echo $HOME * ; #x":    {"echo", "$HOME", "*", ";", "#x"},
	} {
		got, err := words(in)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", in, err, diff)
		}
	}
}

func TestWordsThatDoNotEndAreRefused(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`echo "a`, `echo 'a`, `echo a\`, `echo "a\"`} {
		if got, err := words(in); err == nil {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"ls -l", `a "b c" 'd'`, `\a`, "a\\\nb", `""`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := words(s)
		if err != nil {
			return
		}
		quoted := make([]string, len(got))
		for i, w := range got {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		again, err := words(strings.Join(quoted, " "))
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("quoted and split again: %v\n%s", err, diff)
		}
		if again, err = words(system.Command(got...).String()); err != nil || !cmp.Equal(got, again) {
			t.Errorf("shown as %s, which splits into %q (%v), want %q", system.Command(got...), again, err, got)
		}
	})
}
