package edit

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// ReplaceArgs are the arguments of the replace module.
type ReplaceArgs struct {
	// Path is the file to edit.
	Path string `arg:"path,required,alias=dest,alias=destfile,alias=name" target:"path"`
	// Regexp finds what is replaced, in Go's syntax; ^ and $ match at every line.
	Regexp module.Pattern `arg:"regexp,required,flags=m"`
	// Replace takes its place; \1 stands for what the first group matched. Nothing
	// removes it.
	Replace module.Text `arg:"replace"`
	// After limits the search to what follows the first match of this.
	After module.Pattern `arg:"after,flags=s"`
	// Before limits the search to what comes before the first match of this.
	Before module.Pattern `arg:"before,flags=s"`
	place.FileAttrs
	place.Safety
}

// Replace replaces all that a pattern matches in a file.
var Replace = module.Define(module.Spec{
	Name:      "replace",
	Summary:   "Replace all that a pattern matches in a file",
	Contained: true,
	Example: `- name: turn swap off for good
  replace:
    path: /etc/fstab
    regexp: '^([^#\n].*\sswap\s.*)$'
    replace: '# \1'
`,
	Output: output,
}, planReplace)

func planReplace(ctx context.Context, r system.Reader, a *ReplaceArgs) (*module.Plan, error) {
	e := replaceEdit{what: a.Regexp, after: a.After, before: a.Before, with: a.Replace.Text}
	return file{path: a.Path, secret: a.Replace.Secret, attrs: a.FileAttrs, safety: a.Safety}.plan(ctx, r, e.steady)
}

// replaceEdit is what the replace module does to a text.
type replaceEdit struct {
	what, after, before module.Pattern // the latter without a text if there is no limit
	with                string
}

func (e replaceEdit) apply(s string) string {
	from, to := 0, len(s)
	if e.after.Text != "" {
		at := e.after.Find(s)
		if at == nil {
			return s
		}
		from = at[1]
	}
	if e.before.Text != "" {
		at := e.before.Find(s[from:])
		if at == nil {
			return s
		}
		to = from + at[0]
	}
	return s[:from] + e.what.Replace(s[from:to], e.with) + s[to:]
}

// steady is apply, and an error if applying it again would change the text again:
// such a task would never come to an end.
func (e replaceEdit) steady(s string) (string, error) {
	once := e.apply(s)
	if once != s && e.apply(once) != once {
		return s, fmt.Errorf("regexp %q matches what it is replaced by, so each run would change the file again", e.what.Text)
	}
	return once, nil
}
