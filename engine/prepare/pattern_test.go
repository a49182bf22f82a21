package prepare_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

func TestPatternsAreCompiled(t *testing.T) {
	t.Parallel()
	for given, want := range map[any]string{"^{{ .name }}$": "^web$", 7: "7", "(?i)a": "(?i)a"} {
		got, err := prepared(t, map[string]any{"find": given})
		p, ok := got["find"].(module.Pattern)
		if err != nil || !ok || p.Text != want || p.Code == "" {
			t.Errorf("%v became %#v, %v", given, got["find"], err)
		}
	}
	got, err := prepared(t, map[string]any{"find": "^b$"})
	if p, _ := got["find"].(module.Pattern); err != nil || !p.In("a\nb\nc") {
		t.Error("the flags of the argument count for nothing")
	}
	got, err = prepared(t, map[string]any{"find": "{{ .token }}"})
	if _, vague := got["find"].(unknown.Value); err != nil || !vague {
		t.Errorf("an unknown pattern: %v, %v", got, err)
	}
}

func TestASecretPatternStaysSecret(t *testing.T) {
	t.Parallel()
	got, err := prepared(t, map[string]any{"find": "{{ .password }}"})
	fields, _ := got["find"].(map[string]any)
	if text, _ := fields["text"].(secret.String); err != nil || text.Reveal() != "hunter2" {
		t.Errorf("%v, %v", got, err)
	}
	_, err = prepared(t, map[string]any{"find": "({{ .password }}"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error tells the secret: %v", err)
	}
}

func TestABadPatternNamesItsArgument(t *testing.T) {
	t.Parallel()
	_, err := prepared(t, map[string]any{"find": "a("})
	if err == nil || !strings.Contains(err.Error(), "not a regular expression: find: error parsing regexp: missing closing )") {
		t.Error(err)
	}
}
