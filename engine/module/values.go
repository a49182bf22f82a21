package module

import (
	"io/fs"

	"github.com/gokube/gokube/engine/regex"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
)

// Secret is an argument that is masked wherever it is printed.
type Secret = secret.String

// NewSecret makes text a Secret, for an output that nobody may be shown.
func NewSecret(text string) Secret { return secret.New(text) }

// Text is an argument that is shown, unless it was given as a Secret.
type Text struct {
	Text   string
	Secret bool
}

// The types below are arguments that the controller prepares before the module
// sees them. In YAML all of them are written as strings (Conditions also as a
// list of strings).
type (
	// Source is a file or directory tree of the controller, found as Ansible finds
	// it: in the role's files folder, then beside the playbook. If the task has a
	// HostName, it lies on that host; one without Entries is not there.
	Source struct {
		Name    string // as written, a final slash meaning "what is in it"
		Entries []Entry
	}
	// Entry is one path of a Source, parents before their children. The Path is
	// relative with slashes, and "." for a Source that is a single file.
	Entry struct {
		Path    string
		Type    fs.FileMode // fs.ModeDir, fs.ModeSymlink or 0
		Mode    fs.FileMode // permission bits
		Target  string      // of a link
		Content system.Content
		Doubt   string // if not empty, it may not be there after all, and this is why
	}
	// HostName is the host on which the task's Sources lie. "" is the controller; in a
	// module that runs AtController it is then the task's host.
	HostName string
	// LocalPath is a path of the controller. One that is not absolute is below the
	// directory in which gokube was started.
	LocalPath string
	// Template is a template file of the controller, rendered.
	Template struct {
		Name    string
		Content system.Content
		Secret  bool // its content holds a secret, so no diff may show it
	}
	// Conditions are pipelines that came to true or false.
	Conditions []Condition
	// Condition is one of Conditions.
	Condition struct {
		Text  string `json:"text"`
		Holds bool   `json:"holds"`
	}
	// Pattern is a regular expression in Go's syntax. The zero Pattern is in no text.
	Pattern = regex.Pattern
	// Expression is the name of a variable or a pipeline, and its value.
	Expression struct {
		Text  string
		Value any
	}
)
