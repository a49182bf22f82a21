package commands

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// outputs documents what the commands of this family register.
func outputs() []module.Doc {
	return []module.Doc{
		{Name: "stdout", Text: "what it printed"}, {Name: "stdout_lines", Text: "the same, by lines"},
		{Name: "stderr", Text: "what it complained of"}, {Name: "stderr_lines", Text: "the same, by lines"},
		{Name: "rc", Text: "its exit code"}, {Name: "cmd", Text: "the command"},
	}
}

// await says that p's output is known once the command has run.
func await(p *module.Plan) {
	for _, k := range []string{"stdout", "stdout_lines", "stderr", "stderr_lines", "rc"} {
		p.Output[k] = module.Pending{}
	}
}

// printable is b as text. Bytes that are none, and control characters but those of
// lines, tabs and colours, become U+FFFD, so that binary output stays small in a
// message.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && !strings.ContainsRune("\n\r\t\x1b", r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(b), "\uFFFD"))
}

// fill puts what a command printed into p's output.
func fill(p *module.Plan, out system.Output, strip bool) {
	trim := func(b []byte) string {
		s := printable(b)
		if strip {
			s = strings.TrimRight(s, "\r\n")
		}
		return s
	}
	stdout, stderr := trim(out.Stdout), trim(out.Stderr)
	p.Output["stdout"], p.Output["stdout_lines"] = stdout, lines(stdout)
	p.Output["stderr"], p.Output["stderr_lines"] = stderr, lines(stderr)
	p.Output["rc"] = out.Code
}

// maxLines is how many lines of an output are listed; more would cost memory out of
// proportion.
const maxLines = 1 << 17

// lines are those of s; of too many the first and the last, with a line between
// them that says so.
func lines(s string) []any {
	out := []any{}
	if s == "" {
		return out
	}
	s = strings.TrimSuffix(s, "\n")
	n, i := strings.Count(s, "\n")+1, 0
	for l := range strings.SplitSeq(s, "\n") {
		switch {
		case n <= maxLines || i < maxLines/2 || i >= n-maxLines/2:
			out = append(out, strings.TrimSuffix(l, "\r"))
		case i == maxLines/2:
			out = append(out, fmt.Sprintf("[%d lines dropped]", n-maxLines))
		}
		i++
	}
	return out
}
