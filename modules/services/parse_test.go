package services

import (
	"strings"
	"testing"
)

func FuzzServiceTable(f *testing.F) {
	f.Add("● a.service not-found inactive dead", "a.service enabled enabled")
	f.Add("* b.service", "b.service")
	f.Fuzz(func(t *testing.T, loaded, file string) {
		var a, b [][]string
		if w := strings.Fields(loaded); len(w) > 1 {
			a = append(a, w)
		}
		if w := strings.Fields(file); len(w) > 1 {
			b = append(b, w)
		}
		for name, s := range serviceTable(a, b) {
			if m, ok := s.(map[string]any); !ok || m["name"] != name || m["status"] == nil {
				t.Errorf("%q: %v", name, s)
			}
		}
	})
}

func FuzzWritten(f *testing.F) {
	f.Add("Service", "ExecStart", "/bin/x")
	f.Fuzz(func(t *testing.T, section, key, value string) {
		text, _, err := written(map[string]any{section: map[string]any{key: []any{value, value}}})
		if err == nil && strings.Count(text, "\n") != 3 {
			t.Errorf("%q is not three lines", text)
		}
	})
}
