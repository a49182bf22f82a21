package system

import (
	"bytes"
	"fmt"
	"strings"
)

// Cmd is a command to run, never passed through a shell unless Argv says so.
type Cmd struct {
	Argv  []string
	Dir   string   // "" is the home directory of the user
	Env   []string // NAME=value, added to a clean environment with PATH, HOME, USER, LANG=C.UTF-8
	Stdin []byte   // the place for secrets: it is never logged
	// Feed, if not nil, makes Stdin when the command is about to run. In a check it
	// is not called, so it may need what is not known yet.
	Feed func() ([]byte, error)
	// Reads is all that the answer of a Query depends on; nil means anything, an
	// empty list nothing on the host.
	Reads []Key
	// Tool says that Argv[0] names something that gokube brings along, such as
	// "fetch", instead of one of the host's programs: a subcommand of gokube-tool.
	Tool bool
}

// String is the command as a person would type it.
func (c Cmd) String() string {
	words := make([]string, len(c.Argv))
	for i, w := range c.Argv {
		if words[i] = w; w == "" || strings.ContainsAny(w, " \t\r\n'\"$`\\|&;<>()*?[]#~!{}") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// Fed is c with the Stdin that its Feed makes.
func (c Cmd) Fed() (Cmd, error) {
	if c.Feed == nil {
		return c, nil
	}
	in, err := c.Feed()
	c.Stdin, c.Feed = in, nil
	return c, err
}

// Command is the Cmd of a program with arguments.
func Command(argv ...string) Cmd { return Cmd{Argv: argv} }

// MaxOutput is the most bytes kept of each of a command's output streams; what
// comes between its first and last halves is dropped, with a line that says so.
const MaxOutput = 4 << 20

// Output is what a finished command produced.
type Output struct {
	Stdout, Stderr []byte
	Code           int // exit code; 128+n after signal n
}

// Text is the standard output without trailing newlines.
func (o Output) Text() string { return strings.TrimRight(string(o.Stdout), "\n") }

// Err is an *ExitError if the command failed, else nil.
func (o Output) Err(c Cmd) error {
	if o.Code == 0 {
		return nil
	}
	return &ExitError{Command: c.String(), Output: o}
}

// ExitError is a command that ended with a code other than 0. It keeps the full
// output; Error shows the last meaningful line.
type ExitError struct {
	Command string
	Output  Output
}

// Error names the command, the code and the last meaningful line.
func (e *ExitError) Error() string {
	s := fmt.Sprintf("%s: exit status %d", firstWords(e.Command), e.Output.Code)
	if l := lastLine(e.Output.Stderr); l != "" {
		return s + ": " + l
	}
	if l := lastLine(e.Output.Stdout); l != "" {
		return s + ": " + l
	}
	return s
}

// firstWords keeps a long command from drowning the message.
func firstWords(s string) string {
	if line, _, more := strings.Cut(s, "\n"); more {
		s = line + "..."
	}
	if len(s) > 120 {
		s = s[:117] + "..."
	}
	return s
}

func lastLine(out []byte) string {
	out = bytes.TrimSpace(out)
	return strings.TrimSpace(string(out[bytes.LastIndexByte(out, '\n')+1:]))
}
