package refusal_test

import (
	"testing"

	"github.com/gokube/gokube/engine/wire/refusal"
)

func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"sudo: unknown user nosuch\nsudo: error initializing audit plugin sudoers_audit": "there is no such user on the host (sudo: unknown user nosuch)",
		"Sorry, try again.\nsudo: 1 incorrect password attempt":                          "the become password is wrong",
		"alice is not in the sudoers file.":                                              "the user that logged in is not permitted to (alice is not in the sudoers file.)",
		"sudo: a password is required":                                                   "a password is required, give one with --ask-become-pass or ansible_become_password",
		"a banner\nsudo: parse error in /etc/sudoers":                                    "sudo: parse error in /etc/sudoers",
		"": "it ended without a word",
	} {
		if got := refusal.Explain("sudo", "x", refusal.Of(words)).Error(); got != "become x by sudo: "+want {
			t.Errorf("%q: got %q", words, got)
		}
	}
	if !refusal.NeedsTerminal(refusal.Of("sudo: sorry, you must have a tty to run sudo")) || refusal.NeedsTerminal(refusal.Wrong()) {
		t.Error("whether a terminal is needed is not seen")
	}
}
