package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
	"github.com/gokube/gokube/engine/session"
)

func call(t *testing.T, in string, args ...string) (code int, out, words string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestTheFirstWordIsTheSubcommand(t *testing.T) {
	t.Parallel()
	if code, out, words := call(t, "a: 1\n", "yaml", "to-json"); code != 0 || out != "[{\"a\":1}]\n" {
		t.Errorf("%d, %q, %q", code, out, words)
	}
}

func TestOtherWordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"fly"}} {
		if code, _, words := call(t, "", args...); code != outcome.Usage || !strings.Contains(words, "one of fetch, http, pki, tcp, yaml is wanted") {
			t.Errorf("%q: %d, %q", args, code, words)
		}
	}
}

func TestRunnersAreToldOfEverySubcommand(t *testing.T) {
	t.Parallel()
	told, known := session.Tools(), slices.Sorted(maps.Keys(commands()))
	if slices.Sort(told); !slices.Equal(told, known) {
		t.Errorf("runners are told of %q, there are %q", told, known)
	}
}

func TestEachSubcommandSaysItsName(t *testing.T) {
	t.Parallel()
	for name := range commands() {
		if code, out, words := call(t, "", name); code != outcome.Usage || !strings.HasPrefix(words, name+": ") || out != "" {
			t.Errorf("%d, %q, %q", code, out, words)
		}
	}
}
