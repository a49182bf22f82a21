package place

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// check has the command look at the content in a file of its own. In a check of
// the playbook nothing is run, and nothing said.
func (f File) check(ctx context.Context, s system.System, argv []string) error {
	tmp := path.Join(path.Dir(f.Path), "."+path.Base(f.Path)+".gokube")
	if err := s.WriteFile(tmp, f.Content, system.Attrs{Mode: 0o600}); err != nil {
		return err
	}
	cmd := system.Cmd{Argv: slices.Clone(argv)}
	for i, w := range cmd.Argv {
		cmd.Argv[i] = strings.ReplaceAll(w, "%s", tmp)
	}
	out, err := s.Query(ctx, cmd)
	if err == nil {
		err = out.Err(cmd)
	}
	if Unsure(err) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("validate: %w", err)
	}
	return errors.Join(err, s.Remove(tmp))
}

// words splits a command as a shell would, without doing anything else that a
// shell does. An empty one has no words; another must have a %s.
func words(s string) ([]string, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if !strings.Contains(s, "%s") {
		return nil, fmt.Errorf("validate: %q has no %%s for the file to look at", s)
	}
	l := &lexer{}
	for _, c := range s {
		l.take(c)
	}
	if l.quote != 0 || l.escaped {
		return nil, fmt.Errorf("validate: %q ends inside quotes", s)
	}
	l.end()
	return l.out, nil
}

// lexer cuts a command into words.
type lexer struct {
	out         []string
	word        strings.Builder
	in, escaped bool // within a word, after a backslash
	quote       rune // 0 outside of quotes
}

func (l *lexer) take(c rune) {
	switch {
	case l.escaped:
		l.word.WriteRune(c)
		l.escaped = false
	case c == '\\' && l.quote != '\'':
		l.escaped, l.in = true, true
	case l.quote != 0 && c == l.quote:
		l.quote = 0
	case l.quote == 0 && (c == '\'' || c == '"'):
		l.quote, l.in = c, true
	case l.quote == 0 && strings.ContainsRune(" \t\n", c):
		l.end()
	default:
		l.word.WriteRune(c)
		l.in = true
	}
}

func (l *lexer) end() {
	if l.in {
		l.out = append(l.out, l.word.String())
		l.word.Reset()
	}
	l.in = false
}
