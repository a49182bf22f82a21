package systemtest

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// Posix teaches f true, false, echo, cat (of standard input), pwd, env, and of sh
// only "exit N" and "yes | head -c N", as the conformance suite uses them.
func Posix(f *Fake) {
	f.Commands["true"] = Prints("")
	f.Commands["false"] = Fails(1, "")
	f.Commands["echo"] = func(_ *Fake, c system.Cmd) system.Output {
		return system.Output{Stdout: []byte(strings.Join(c.Argv[1:], " ") + "\n")}
	}
	f.Commands["cat"] = func(_ *Fake, c system.Cmd) system.Output {
		return system.Output{Stdout: bytes.Clone(c.Stdin)}
	}
	f.Commands["pwd"] = func(f *Fake, c system.Cmd) system.Output {
		if c.Dir != "" {
			return system.Output{Stdout: []byte(c.Dir + "\n")}
		}
		return system.Output{Stdout: []byte(f.Host.User.Home + "\n")}
	}
	f.Commands["env"] = func(_ *Fake, c system.Cmd) system.Output {
		return system.Output{Stdout: []byte("LANG=C.UTF-8\n" + strings.Join(c.Env, "\n") + "\n")}
	}
	f.Commands["sh"] = shell
}

func shell(_ *Fake, c system.Cmd) system.Output {
	script := c.Argv[len(c.Argv)-1]
	if n, ok := strings.CutPrefix(script, "yes | head -c "); ok {
		size, _ := strconv.Atoi(n)
		return system.Output{Stdout: system.Clip(bytes.Repeat([]byte("y\n"), (size+1)/2)[:size])}
	}
	_, n, _ := strings.Cut(script, "exit ")
	code, err := strconv.Atoi(n)
	if err != nil {
		return system.Output{Code: 127, Stderr: []byte("sh: not known to the fake: " + script + "\n")}
	}
	out := system.Output{Code: code}
	if _, word, ok := strings.Cut(script, "echo "); ok {
		word, _, _ = strings.Cut(word, " ")
		out.Stderr = []byte(word + "\n")
	}
	return out
}
