// Package cli is the command line of gokube, one command to a file. It puts the
// parts together and knows exit codes; what is shown is for package ui.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/cli/reference"
	"github.com/gokube/gokube/cmd/internal/exit"
	"github.com/gokube/gokube/cmd/internal/labcli"
	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine/diag"
)

const exitHelp = `EXIT CODES:
   0 ok   1 internal error   2 some host failed   3 some host unreachable
   4 invalid command line, playbook or inventory
   5 changes pending (with --check --detailed-exitcode)   130 interrupted
`

// Main runs the command line args, of which the first is the program's name, and
// gives its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := newApp(stdin, stdout, stderr)
	err := app.RunContext(context.Background(), reorder(app, args))
	var end *exit.Error
	switch {
	case err == nil:
		return exit.OK
	case errors.As(err, &end):
		if end.Err != nil {
			report(stderr, end.Err)
		}
		return end.Code
	}
	report(stderr, err)
	return exit.Internal
}

// Reference is the manual of the command line as Markdown.
func Reference() string {
	_, codes, _ := strings.Cut(exitHelp, "\n")
	return reference.Markdown(newApp(nil, nil, nil), codes)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:                 "gokube",
		Usage:                "Play idempotent playbooks on Linux hosts over SSH, and preview them truthfully",
		Version:              version(),
		Reader:               stdin,
		Writer:               stdout,
		ErrWriter:            stderr,
		EnableBashCompletion: true,
		Suggest:              true,
		HideHelpCommand:      true,
		ExitErrHandler:       func(*cli.Context, error) {},
		CommandNotFound:      nil,
		Commands: []*cli.Command{
			playCommand(), runCommand(), inventoryCommand(), playbookCommand(), docCommand(), completionCommand(), labcli.Command(),
		},
		OnUsageError: usageError,

		DisableSliceFlagSeparator: true, // lists of hosts have commas
	}
	app.CustomAppHelpTemplate = cli.AppHelpTemplate + "\n" + exitHelp
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return unknownCommand(app.Commands, c.Args().First(), "gokube")
		}
		return cli.ShowAppHelp(c)
	}
	tidy(app.Commands)
	return app
}

// report shows err: every diagnostic of a list with its excerpt.
func report(w io.Writer, err error) {
	var list diag.List
	list.Add(diag.Pos{}, err)
	for _, d := range list {
		fmt.Fprint(w, ui.Clean(diag.Excerpt(d, readSource)))
	}
	if len(list) > 1 {
		fmt.Fprintf(w, "%d problems\n", len(list))
	}
}

func readSource(name string) ([]byte, error) {
	if data, err := os.ReadFile(name); err == nil {
		return data, nil
	}
	return files().ReadFile(name)
}

// release is set by the linker in builds that are released.
var release string //nolint:gochecknoglobals // the linker sets nothing else

// version is the release, or what the build knows of its revision.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return "dev"
}
