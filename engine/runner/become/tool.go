package become

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/wire"
)

// tool is one way to become another user.
type tool struct {
	method, user string
	argv         []string
	password     string
	tty          bool   // the password is read from the terminal
	prompt       string // how the password is asked for; "" is known by its end
}

// toolFor is how b is done with argv.
func toolFor(b wire.Become, argv []string) (*tool, error) {
	t := &tool{method: b.Method, user: b.User, password: b.Password.Reveal()}
	exe := cmp.Or(b.Exe, b.Method)
	switch b.Method {
	case "sudo":
		flags := strings.Fields(cmp.Or(b.Flags, "-H"))
		if t.password == "" {
			flags = append(flags, "-n")
		} else {
			t.prompt = "[gokube " + rand.Text() + "] password:"
			flags = append(without(flags, "-n"), "-S", "-p", t.prompt)
		}
		t.argv = append(append(append([]string{exe}, flags...), "-u", b.User, "--"), argv...)
	case "su":
		t.tty = true
		t.argv = append(append([]string{exe}, strings.Fields(b.Flags)...), b.User, "-c", "exec "+Quote(argv...))
	case "doas":
		t.tty = true
		t.argv = append([]string{exe}, strings.Fields(b.Flags)...)
		if t.password == "" {
			t.argv = append(t.argv, "-n")
		}
		t.argv = append(append(t.argv, "-u", b.User), argv...)
	default:
		return nil, fmt.Errorf("become %s: method %q is not one of sudo, su, doas", b.User, b.Method)
	}
	return t, nil
}

func without(flags []string, flag string) (out []string) {
	for _, f := range flags {
		if f != flag {
			out = append(out, f)
		}
	}
	return out
}

// Quote is words as a POSIX shell takes them apart again.
func Quote(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// asks reports whether text ends in, or holds, a question for the password that
// was not there before.
func (t *tool) asks(text string) bool {
	if t.prompt != "" {
		return strings.Contains(text, t.prompt)
	}
	return strings.HasSuffix(strings.ToLower(strings.TrimRight(text, " ")), "password:")
}

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
func (r *refusal) Error() string { return r.words }

// signs are the words by which a tool's refusal is known, in lower case.
var signs = []struct {
	kind  problem
	words []string
}{
	{terminal, []string{"must have a tty", "must be run from a terminal", "no tty present"}},
	{missing, []string{"a password is required", "password is required", "no password was provided"}},
	{wrong, []string{"incorrect password", "try again", "authentication failure", "authentication failed", "incorrect authentication", "authorization failed"}},
	{unlisted, []string{"not in the sudoers", "is not allowed to", "may not run sudo", "operation not permitted", "permission denied"}},
	{nobody, []string{"unknown user", "unknown uid", "does not exist", "no passwd entry", "unknown id"}},
}

// refused classifies what a tool said.
func (t *tool) refused(words string) error {
	low := strings.ToLower(words)
	for _, s := range signs {
		for _, w := range s.words {
			if strings.Contains(low, w) {
				return &refusal{s.kind, words}
			}
		}
	}
	return &refusal{other, words}
}

// explain is err with who should have become whom and the way out.
func (t *tool) explain(err error) error {
	return Explain(t.method, t.user, err)
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

// Refused classifies the words with which method, started elsewhere, did not start
// a program.
func Refused(words string) error { return (&tool{}).refused(words) }

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
