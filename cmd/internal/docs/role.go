package docs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Role is what is documented of one role.
type Role struct {
	Name      string
	Summary   string // one line, no full stop
	Text      string // the README without its title
	Variables []Variable
}

// Roles are those that have a folder in files, by name.
func Roles(files fs.FS) (out []Role, err error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		r, err := readRole(files, f.Name())
		if err != nil {
			return nil, fmt.Errorf("read role %s: %w", f.Name(), err)
		}
		out = append(out, r)
	}
	return out, nil
}

func readRole(files fs.FS, name string) (Role, error) {
	r := Role{Name: name}
	text, err := fs.ReadFile(files, path.Join(name, "README.md"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	title, rest, _ := strings.Cut(string(text), "\n")
	if strings.HasPrefix(title, "# ") {
		r.Text = strings.TrimSpace(rest)
	} else {
		r.Text = strings.TrimSpace(string(text))
	}
	v := variables{files: files, index: map[string]int{}}
	if err := v.read(name); err != nil {
		return r, err
	}
	r.Variables = v.list
	r.Summary = strings.TrimSuffix(v.summary, ".")
	if r.Summary == "" {
		r.Summary = firstSentence(r.Text)
	}
	return r, nil
}

// firstSentence is the first one of Markdown text, on one line.
func firstSentence(text string) string {
	paragraph, _, _ := strings.Cut(text, "\n\n")
	s, _, _ := strings.Cut(oneLine(paragraph)+" ", ". ")
	return strings.TrimSuffix(strings.TrimSpace(s), ".")
}

// Markdown is the role's page.
func (r Role) Markdown() string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "# %s\n", r.Name)
	text := r.Text
	if text == "" && r.Summary != "" {
		text = r.Summary + "."
	}
	if text != "" {
		fmt.Fprintf(&sb, "\n%s\n", text)
	}
	if len(r.Variables) > 0 {
		sb.WriteString("\n## Variables\n\n")
	}
	for _, v := range r.Variables {
		v.write(&sb, "")
	}
	return sb.String()
}
