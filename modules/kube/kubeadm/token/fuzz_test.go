package token

import "testing"

func FuzzTokens(f *testing.F) {
	f.Add(`{"token":"a.b","expires":"2030-01-01T00:00:00Z","usages":["signing"]}{"token":"c.d"}`)
	f.Fuzz(func(_ *testing.T, text string) {
		all, err := tokens(text)
		if err == nil {
			_, _ = (&Args{}).best(all)
		}
	})
}
