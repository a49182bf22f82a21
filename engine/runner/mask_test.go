package runner

import (
	"testing"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/wire"
)

func TestASecretInAnotherLeavesNothingOfIt(t *testing.T) {
	t.Parallel()
	q := &wire.Request{Secrets: []secret.String{secret.New("abc"), secret.New("abcd"), secret.New("xabc"), secret.New("abcdz")}}
	m := secret.Mask
	for text, want := range map[string]string{"abcd": m, "xabc": m, "abc": m, "abcdz.abcdy": m + "." + m + "y", "abd": "abd"} {
		if got := newMask(q, &wire.Result{}).text(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
