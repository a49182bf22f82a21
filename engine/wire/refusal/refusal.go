// Package refusal is why sudo, su or doas did not start a program as another user.
// It knows the tools' words and starts none of them.
//
// # Decisions
//
// The tools say why they refuse in words only. What the words are taken for decides
// nothing but the hint that an error gives, and whether a terminal is tried.
package refusal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// problem is why a tool refused.
type problem int

const (
	other problem = iota
	wrong
	missing
	unlisted
	nobody
	terminal
)

// refusal is a tool that did not start the program.
type refusal struct {
	kind  problem
	words string // its own
}

// Error is the tool's own words.
func (r *refusal) Error() string { return strings.TrimSpace(r.words) }

// sign is the words by which a tool's refusal is known, in lower case.
type sign struct {
	kind  problem
	words []string
}

func signs() []sign {
	return []sign{
		{terminal, []string{"must have a tty", "must be run from a terminal", "no tty present"}},
		{missing, []string{"a password is required", "password is required", "no password was provided"}},
		{wrong, []string{"incorrect password", "try again", "authentication failure", "authentication failed", "incorrect authentication", "authorization failed"}},
		{unlisted, []string{"not in the sudoers", "is not allowed to", "may not run sudo", "operation not permitted", "permission denied"}},
		{nobody, []string{"unknown user", "unknown uid", "does not exist", "no passwd entry", "unknown id"}},
	}
}

// Of classifies the words with which a tool did not start a program.
func Of(words string) error {
	for _, s := range signs() {
		for line := range strings.Lines(words) {
			low := strings.ToLower(line)
			if slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(low, w) }) {
				return &refusal{s.kind, line}
			}
		}
	}
	return &refusal{other, words}
}

// Explain is a refusal of method to become user in one line, with the way out.
func Explain(method, user string, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return fmt.Errorf("become %s by %s: %w", user, method, err)
	}
	text := map[problem]string{
		wrong:    "the become password is wrong",
		missing:  "a password is required, give one with --ask-become-pass or ansible_become_password",
		unlisted: "the user that logged in is not permitted to",
		nobody:   "there is no such user on the host",
		terminal: "it insists on a terminal",
	}[r.kind]
	last := lastLine(r.words)
	switch {
	case text == "" && last == "":
		text = "it ended without a word"
	case text == "":
		text = last
	case last != "" && r.kind != missing && r.kind != wrong:
		text += " (" + last + ")"
	}
	return fmt.Errorf("become %s by %s: %s", user, method, text)
}

// Wrong is the refusal of a password.
func Wrong() error { return &refusal{kind: wrong} }

// Missing is the refusal of a tool that asks for a password that nobody has.
func Missing() error { return &refusal{kind: missing} }

// NeedsTerminal reports whether err is the refusal of a tool that works on a
// terminal only.
func NeedsTerminal(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.kind == terminal
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
}
