package diag_test

import (
	"testing"

	"github.com/gokube/gokube/engine/diag"
)

func TestSuggestionsAreTheNameMostAlike(t *testing.T) {
	t.Parallel()
	names := []string{"db1", "state", "web1", "when"}
	for name, want := range map[string]string{
		"wbe1": "web1", "sate": "state", "w" + "ehn": "when", "statee": "state", "whem": "when", "web": "web1",
		"": "", "x": "", "nothing": "", "db": "db1",
	} {
		if got := diag.Nearest(name, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := diag.Suggest("w"+"ehn", names); got != `did you mean "when"?` {
		t.Error(got)
	}
}
