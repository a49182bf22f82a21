package cli

import (
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

// files are the machine's, and what gokube brings along.
func files() playbook.Files { return load.Disk(builtin{}) }

// builtin joins the embedded roles and playbooks, each below its folder.
type builtin struct{}

// Open implements fs.FS.
func (builtin) Open(name string) (fs.File, error) {
	folder, rest, _ := strings.Cut(name, "/")
	if rest == "" {
		rest = "."
	}
	switch folder {
	case "roles":
		return roles.FS.Open(rest)
	case "playbooks":
		return playbooks.FS.Open(rest)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
