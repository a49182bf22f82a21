package docs

import (
	"io/fs"
	"strings"
)

// Playbook is what is documented of one playbook.
type Playbook struct{ Name, Summary string }

// Playbooks are those in files, by name; the first sentence of the comment at the
// top of each is its summary.
func Playbooks(files fs.FS) (out []Playbook, err error) {
	names, err := fs.Glob(files, "*.yml")
	for _, n := range names {
		text, err := fs.ReadFile(files, n)
		if err != nil {
			return nil, err
		}
		var comment []string
		for line := range strings.Lines(string(text)) {
			rest, ok := strings.CutPrefix(line, "#")
			if !ok {
				break
			}
			comment = append(comment, rest)
		}
		out = append(out, Playbook{n, firstSentence(strings.Join(comment, " "))})
	}
	return out, err
}
