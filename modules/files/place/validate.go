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
	var out []string
	var word strings.Builder
	in, quote, escaped := false, rune(0), false
	for _, c := range s {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, in = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(c)
			in = true
		}
	}
	if quote != 0 || escaped {
		return nil, fmt.Errorf("validate: %q ends inside quotes", s)
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}
