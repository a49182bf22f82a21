package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/system"
)

// Failure is kubectl's failure in its own words: a cause that it tells in several
// lines, of which the last is no help, on one line. out must be one.
func Failure(c system.Cmd, out system.Output) error {
	text := strings.TrimSpace(string(out.Stderr))
	if said := conflicts(text); said != "" {
		return fmt.Errorf("%s; set force_conflicts: true to take these fields over", said)
	}
	var said []string
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "error: ")
		if _, said, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "Error from server") {
			line = said
		}
		line = strings.TrimPrefix(line, "* ")
		if line != "" && !strings.HasPrefix(line, "Warning:") && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return out.Err(c)
	}
	if len(said) > 8 {
		said = append(said[:8], fmt.Sprintf("and %d lines more", len(said)-8))
	}
	all := ""
	for _, line := range said {
		all = joined(all, line)
	}
	return failed{all, out}
}

// failed keeps the whole output beside the words that are shown.
type failed struct {
	said string
	out  system.Output
}

// Error is what kubectl said.
func (f failed) Error() string { return f.said }

// Passing reports whether err is the API's not answering, which may be over soon: a
// control plane that is just being added does that to the others.
func Passing(err error) bool {
	var f failed
	return errors.As(err, &f) && passing(f.out.Stderr)
}

func passing(stderr []byte) bool {
	text := string(stderr)
	return slices.ContainsFunc([]string{
		"The connection to the server ", "Unable to connect to the server", "etcdserver: ", "(ServiceUnavailable)", "(Timeout)", "(InternalError): an error on the server",
		"TLS handshake timeout", "connection refused", "unexpected EOF", "http2: ", "i/o timeout", "no route to host",
	}, func(s string) bool { return strings.Contains(text, s) })
}

// pauses lie between tries while the API does not answer.
var pauses = [...]time.Duration{300 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// conflicts are the fields that others manage, "" if that is not the trouble.
func conflicts(text string) (out string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		field, isField := strings.CutPrefix(line, "- .")
		switch _, what, is := strings.Cut(line, "Apply failed with "); {
		case is:
			out = joined(out, "others manage what is to be applied: "+what)
		case isField && out != "":
			out = joined(out, "."+field)
		case strings.HasPrefix(line, "conflicts with ") && out != "":
			out = joined(out, line)
		}
	}
	return out
}

// joined is list with one more, after a colon if it ends in one.
func joined(list, more string) string {
	switch {
	case list == "":
		return more
	case strings.HasSuffix(list, ":"):
		return list + " " + more
	}
	return list + "; " + more
}

// Conflict reports whether err is that somebody else changed the object meanwhile.
func Conflict(err error) bool {
	var f failed
	return errors.As(err, &f) && strings.Contains(string(f.out.Stderr), "(Conflict)")
}

// Brief is err in the first of kubectl's lines that holds word, if one does.
func Brief(err error, word string) (brief error, ok bool) {
	var f failed
	if !errors.As(err, &f) {
		return err, false
	}
	for line := range strings.Lines(string(f.out.Stderr)) {
		if _, said, ok := strings.Cut(line, word); ok {
			return failed{word + strings.TrimSuffix(strings.TrimSpace(said), ", continuing command..."), f.out}, true
		}
	}
	return err, false
}
