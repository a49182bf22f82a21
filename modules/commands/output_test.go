package commands

import (
	"strings"
	"testing"
)

func TestTooManyLinesKeepTheFirstAndTheLast(t *testing.T) {
	t.Parallel()
	got := lines("first\n" + strings.Repeat("x\n", maxLines) + "last\r\n")
	if len(got) != maxLines+1 || got[0] != "first" || got[maxLines/2] != "[2 lines dropped]" || got[maxLines] != "last" {
		t.Errorf("%d lines, %v, %v, %v", len(got), got[0], got[maxLines/2], got[len(got)-1])
	}
	if got := lines(strings.Repeat("x\n", maxLines)); len(got) != maxLines || got[maxLines/2] != "x" {
		t.Errorf("%d lines, of which %d were there", len(got), maxLines)
	}
}
