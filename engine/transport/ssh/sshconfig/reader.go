package sshconfig

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kevinburke/ssh_config"
)

// heeded are the keywords that a lookup needs; other lines do not reach the
// library.
func heeded(keyword string) bool {
	switch keyword {
	case "hostname", "user", "port", "identityfile", "certificatefile", "identitiesonly", "identityagent",
		"proxyjump", "proxycommand", "userknownhostsfile", "globalknownhostsfile",
		"stricthostkeychecking", "hostkeyalias", "connecttimeout":
		return true
	}
	return false
}

// reader cuts one file into segments.
type reader struct {
	config *Config
	file   string
	within []*ssh_config.Host
	depth  int

	header  *ssh_config.Host // the block that the line stands in; nil before the first
	skip    bool             // it is one that cannot be judged
	text    []byte           // what the library will see of the segment
	written int              // lines in text
}

func (r *reader) line(n int, s string) error {
	args, err := split(s)
	if err != nil {
		r.config.warn(r.file, n, "unreadable line in ssh_config", err.Error(), "the line is skipped")
		return nil
	}
	if len(args) == 0 {
		return nil
	}
	keyword := strings.ToLower(args[0])
	switch {
	case keyword == "host":
		r.block(n, args[1:])
	case keyword == "match":
		r.match(n, args[1:])
	case r.skip:
	case keyword == "include":
		return r.include(n, args[1:])
	case heeded(keyword) && len(args) > 1:
		r.emit(n, keyword, args[1:])
	}
	return nil
}

func (r *reader) include(n int, patterns []string) error {
	if err := r.flush(); err != nil {
		return err
	}
	r.config.include(r, n, patterns)
	if r.header != nil {
		var patterns []string
		for _, p := range r.header.Patterns {
			patterns = append(patterns, p.String())
		}
		r.emit(n, "Host", patterns)
	}
	return nil
}

// block begins a Host block.
func (r *reader) block(n int, patterns []string) {
	r.skip = len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		return strings.ContainsFunc(p, func(c rune) bool { return c <= ' ' || c >= 0x7f }) || strings.Trim(p, "!") == ""
	})
	if r.skip {
		r.config.warn(r.file, n, "malformed Host line in ssh_config", strings.Join(patterns, " "), "its block is skipped")
		return
	}
	header, err := ssh_config.DecodeBytes([]byte("Host " + strings.Join(patterns, " ") + "\n"))
	if err != nil || len(header.Hosts) != 2 {
		r.skip = true
		r.config.warn(r.file, n, "malformed Host line in ssh_config", fmt.Sprint(err), "its block is skipped")
		return
	}
	r.header = header.Hosts[1]
	r.emit(n, "Host", patterns)
}

// match begins a Match block as the Host block that it amounts to, if any.
func (r *reader) match(n int, args []string) {
	switch {
	case len(args) == 1 && strings.EqualFold(args[0], "all"):
		r.block(n, []string{"*"})
		return
	case len(args) == 2 && (strings.EqualFold(args[0], "host") || strings.EqualFold(args[0], "originalhost")):
		r.block(n, strings.Split(args[1], ","))
		return
	case len(args) == 2 && strings.EqualFold(args[0], "localuser"):
		if r.skip = !anyPattern(args[1], r.config.env.User); !r.skip {
			r.block(n, []string{"*"})
		}
		return
	}
	r.skip = true
	r.config.warn(r.file, n, "unsupported Match line in ssh_config", strings.Join(args, " "),
		"its block is skipped; Match all, host, originalhost and localuser are understood")
}

func anyPattern(list, name string) bool {
	for p := range strings.SplitSeq(list, ",") {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

// emit gives the library a line at the number that it has in the file.
func (r *reader) emit(n int, keyword string, args []string) {
	for r.written < n-1 {
		r.text = append(r.text, '\n')
		r.written++
	}
	value := strings.Join(args, separator)
	if keyword == "Host" {
		value = strings.Join(args, " ")
	}
	r.text = append(r.text, keyword+" "+value+"\n"...)
	r.written++
}

// separator stands between the words of a value; split leaves it in none.
const separator = "\x1f"

// flush ends a segment.
func (r *reader) flush() error {
	if len(r.text) == 0 {
		return nil
	}
	parsed, err := ssh_config.DecodeBytes(r.text)
	if err != nil {
		return fmt.Errorf("parse %s: %w", r.file, err)
	}
	r.config.segments = append(r.config.segments, segment{r.file, r.within, parsed.Hosts})
	r.text, r.written = nil, 0
	return nil
}

// split cuts a line into words as OpenSSH does: quotes, a comment, and an equals
// sign after the first word. Words with control characters or # are refused,
// because the library would misread them.
func split(s string) ([]string, error) {
	s = strings.TrimRight(s, " \t\r\f")
	var words []string
	for {
		s = strings.TrimLeft(s, " \t\f")
		if len(words) == 1 {
			s = strings.TrimLeft(strings.TrimPrefix(s, "="), " \t\f")
		}
		if s == "" || s[0] == '#' {
			return words, nil
		}
		word, rest, err := cutWord(s, len(words) == 0)
		if err != nil {
			return nil, err
		}
		words, s = append(words, word), rest
	}
}

func cutWord(s string, first bool) (word, rest string, err error) {
	stops := " \t\f"
	if first {
		stops += "="
	}
	end := strings.IndexAny(s, stops)
	switch {
	case s[0] == '"':
		if end = strings.IndexByte(s[1:], '"'); end < 0 {
			return "", "", errors.New("no closing quote")
		}
		word, rest = s[1:end+1], s[end+2:]
	case end < 0:
		word = s
	default:
		word, rest = s[:end], s[end:]
	}
	if strings.ContainsFunc(word, func(c rune) bool { return c < ' ' || c == 0x7f || c == '#' || c == '"' }) {
		return "", "", errors.New("control character, quote or # inside a word")
	}
	return word, rest, nil
}
