package edit

import (
	"context"
	"errors"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// LineinfileArgs are the arguments of the lineinfile module.
type LineinfileArgs struct {
	// Path is the file to edit.
	Path string `arg:"path,required,alias=dest,alias=destfile,alias=name" target:"path"`
	// Line is the line that is to be there.
	Line module.Text `arg:"line,alias=value"`
	// Regexp finds the line to replace or remove, in Go's syntax. Of several that
	// match the last one is replaced; all are if the new line does not match.
	Regexp module.Pattern `arg:"regexp,alias=regex"`
	// SearchString finds it by a text that it contains.
	SearchString string `arg:"search_string"`
	// State "absent" removes all lines that are found.
	State string `arg:"state" default:"present" enum:"present|absent"`
	// Insertafter says where a line goes that takes no other's place: after the last
	// line that matches this, or at the end (EOF).
	Insertafter module.Pattern `arg:"insertafter"`
	// Insertbefore says the same: before the last line that matches, or at the
	// beginning (BOF).
	Insertbefore module.Pattern `arg:"insertbefore"`
	// Backrefs has \1 in the line stand for what the regexp's first group matched;
	// a file in which nothing matches is then left alone.
	Backrefs bool `arg:"backrefs"`
	// Firstmatch takes the first line that matches instead of the last.
	Firstmatch bool `arg:"firstmatch"`
	// Create makes the file if it is not there.
	Create bool `arg:"create"`
	place.FileAttrs
	place.Safety
}

// Lineinfile makes sure of one line in a file.
var Lineinfile = module.Define(module.Spec{
	Name:      "lineinfile",
	Summary:   "Put a line into a file, replace one or remove it",
	Contained: true,
	Exclusive: [][]string{{"regexp", "search_string"}, {"insertafter", "insertbefore"}},
	Example: `- name: forbid passwords
  lineinfile:
    path: /etc/ssh/sshd_config
    regexp: '^#?PasswordAuthentication '
    line: PasswordAuthentication no
    validate: sshd -t -f %s
- lineinfile:
    path: /etc/fstab
    regexp: '\sswap\s'
    state: absent
`,
	Output: output,
}, planLineinfile)

func planLineinfile(ctx context.Context, r system.Reader, a *LineinfileArgs) (*module.Plan, error) {
	e, err := a.edit()
	if err != nil {
		return nil, err
	}
	return file{path: a.Path, create: a.Create && !e.absent, absent: e.absent, secret: a.Line.Secret, attrs: a.FileAttrs, safety: a.Safety}.plan(ctx, r, e.apply)
}

func (a *LineinfileArgs) edit() (e lineEdit, err error) {
	if err := a.complete(); err != nil {
		return e, err
	}
	e = lineEdit{line: strings.TrimSuffix(a.Line.Text, "\n"), backrefs: a.Backrefs, first: a.Firstmatch, absent: a.State == "absent"}
	if a.Regexp.Text != "" {
		e.pattern, e.match = &a.Regexp, a.Regexp.In
	}
	if a.SearchString != "" {
		e.match = func(line string) bool { return strings.Contains(line, a.SearchString) }
	}
	e.after, e.before, e.top = position(&a.Insertafter, &a.Insertbefore)
	return e, nil
}

// complete says what is missing for an edit.
func (a *LineinfileArgs) complete() error {
	line := strings.TrimSuffix(a.Line.Text, "\n")
	named := line != "" || a.Regexp.Text != "" || a.SearchString != ""
	switch {
	case strings.Contains(line, "\n"):
		return errors.New("line has several lines; blockinfile puts in more than one")
	case !named && a.State == "absent":
		return errors.New("remove a line: one of line, regexp, search_string must say which")
	case !named:
		return errors.New("put in a line: line is missing")
	case a.Backrefs && a.Regexp.Text == "":
		return errors.New("backrefs: there is no regexp whose groups could be meant")
	}
	return nil
}

// position is where insertafter and insertbefore say that something goes: after the
// last line that matches, before it, or at the top; else at the end.
func position(insertafter, insertbefore *module.Pattern) (after, before *module.Pattern, top bool) {
	if insertafter.Text != "" && insertafter.Text != "EOF" {
		after = insertafter
	}
	if insertbefore.Text != "" && insertbefore.Text != "BOF" {
		before = insertbefore
	}
	return after, before, insertbefore.Text == "BOF"
}
