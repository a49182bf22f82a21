package become

import (
	"cmp"
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
			t.prompt = "[gokube " + Random() + "] password:"
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
