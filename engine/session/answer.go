package session

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/wire"
)

// answer is what the script says of a host without a runner.
type answer struct {
	platform string // "linux/amd64"; "" if there was no such answer
	place    string // a directory for the runner, "" if none will do
	index    int    // its place in places
	bad      []string
}

// parseAnswer finds the lines of the script in what a login shell printed.
func parseAnswer(text string) (a answer) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), missing+" ")
		if !ok {
			continue
		}
		key, value, _ := strings.Cut(rest, " ")
		switch key {
		case "platform":
			os, arch, _ := strings.Cut(value, " ")
			a.platform = strings.ToLower(os) + "/" + goArch(arch)
		case "place":
			var n int
			number, dir, _ := strings.Cut(value, " ")
			if _, err := fmt.Sscan(number, &n); err == nil && n >= 0 && n < len(places) {
				a.place, a.index = dir, n
			}
		case "bad":
			a.bad = append(a.bad, value)
		}
	}
	return a
}

// goArch is what Go calls the architecture that uname names.
func goArch(uname string) string {
	for prefix, arch := range map[string]string{
		"x86_64": "amd64", "aarch64": "arm64", "armv": "arm", "i686": "386", "i586": "386", "i386": "386",
		"ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "loongarch64": "loong64",
	} {
		if strings.HasPrefix(uname, prefix) {
			return arch
		}
	}
	return uname
}

// noPlace is a host that takes no runner anywhere.
func (a *answer) noPlace() *wire.Error {
	return &wire.Error{Kind: wire.Lost, Text: "bring the runner to the host: no directory will do, tried " + strings.Join(a.bad, "; ")}
}
