package program

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// failure is a command of kubeadm that failed, in its own words.
type failure struct {
	what    string
	exit    *system.ExitError
	journal string // the kubelet's last lines
}

// Error is what failed, what kubeadm says of it, and what the kubelet does.
func (f *failure) Error() string {
	text := fmt.Sprintf("%s: exit status %d: %s", f.what, f.exit.Output.Code, said(f.exit.Output))
	if f.journal != "" {
		text += "\nthe kubelet's last lines:\n" + indented(f.journal)
	}
	return text
}

// Unwrap is the command's own error, with its whole output.
func (f *failure) Unwrap() error { return f.exit }

// Explain is err with kubeadm's words in it, if it is a failed command's.
func Explain(what string, err error, journal string) error {
	var exit *system.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	return &failure{what, exit, journal}
}

// chatter are lines that say nothing of why a command failed.
var chatter = []string{"To see the stack trace", "[preflight] If you know what you are doing", "[preflight] Some fatal errors occurred", "error: error execution phase", "couldn't initialize a Kubernetes cluster"}

// said is what kubeadm says of why it failed: the checks that failed, else its error,
// else its last line.
func said(out system.Output) string {
	var errs, rest []string
	for line := range strings.Lines(string(out.Stdout) + "\n" + string(out.Stderr)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[ERROR "):
			errs = append(errs, line)
		case line == "" || noise(line):
		default:
			rest = append(rest, line)
		}
	}
	if len(errs) > 0 {
		return strings.Join(errs, "; ")
	}
	for i, line := range rest {
		if strings.HasPrefix(line, "error:") || strings.HasPrefix(line, "error execution phase") {
			return strings.Join(rest[i:], "; ")
		}
	}
	return strings.Join(rest[max(0, len(rest)-3):], "; ")
}

func noise(line string) bool {
	for _, c := range chatter {
		if strings.HasPrefix(line, c) && !strings.Contains(line, "error execution phase") {
			return true
		}
	}
	return false
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
