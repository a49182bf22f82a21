package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
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

func TestEachSubcommandSaysItsName(t *testing.T) {
	t.Parallel()
	for name := range commands() {
		if code, out, words := call(t, "", name); code != outcome.Usage || !strings.HasPrefix(words, name+": ") || out != "" {
			t.Errorf("%d, %q, %q", code, out, words)
		}
	}
}
