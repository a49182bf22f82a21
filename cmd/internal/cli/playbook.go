package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/cmd/internal/exit"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/playbooks"
	"github.com/gokube/gokube/roles"
)

func playbookCommand() *cli.Command {
	return &cli.Command{
		Name:  "playbook",
		Usage: "List, show or take out the playbooks that gokube brings along",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "List them", Action: listPlaybooks},
			{Name: "show", Usage: "Print one", ArgsUsage: "NAME", Action: showPlaybook},
			{Name: "eject", Usage: "Write one, and all roles, into a folder to change them there", ArgsUsage: "NAME [DIR]", Action: ejectPlaybook},
		},
	}
}

func listPlaybooks(c *cli.Context) error {
	found, err := docs.Playbooks(playbooks.FS)
	for _, p := range found {
		fmt.Fprintf(c.App.Writer, "%-16s %s\n", p.Name, p.Summary)
	}
	return err
}

func builtinPlaybook(c *cli.Context) (name string, text []byte, err error) {
	name = c.Args().First()
	if name == "" {
		return name, nil, exit.Wrong(errors.New("no playbook named, gokube playbook list shows them"))
	}
	if text, err = playbooks.FS.ReadFile(name); err == nil {
		return name, text, nil
	}
	if text, err = playbooks.FS.ReadFile(name + ".yml"); err == nil {
		return name + ".yml", text, nil
	}
	names, _ := fs.Glob(playbooks.FS, "*.yml")
	return name, nil, exit.Wrong(diag.Diagnostic{Summary: "unknown built-in playbook", Detail: fmt.Sprintf("%q", name), Hint: diag.Suggest(name, names)})
}

func showPlaybook(c *cli.Context) error {
	_, text, err := builtinPlaybook(c)
	if err == nil {
		_, err = c.App.Writer.Write(text)
	}
	return err
}

func ejectPlaybook(c *cli.Context) error {
	name, text, err := builtinPlaybook(c)
	if err != nil {
		return err
	}
	dir := c.Args().Get(1)
	if dir == "" {
		dir = "."
	}
	if err := write(filepath.Join(dir, name), text); err != nil {
		return exit.Wrong(err)
	}
	err = fs.WalkDir(roles.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := roles.FS.ReadFile(p)
		if err != nil {
			return err
		}
		return write(filepath.Join(dir, "roles", p), data)
	})
	if err != nil {
		return exit.Wrong(err)
	}
	fmt.Fprintf(c.App.Writer, "wrote %s and %s\n", filepath.Join(dir, name), filepath.Join(dir, "roles"))
	return nil
}

// write makes a file that is not there yet.
func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already, nothing is overwritten", name)
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

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
