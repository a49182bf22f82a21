// Package cli is the command line of gokube, one command to a file. It puts the
// parts together and knows exit codes; what is shown is for package ui.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/ui"
	"github.com/gokube/gokube/engine/diag"
)

// Exit codes; they are listed in --help.
const (
	exitOK          = 0
	exitInternal    = 1
	exitFailed      = 2
	exitUnreachable = 3
	exitInvalid     = 4
	exitPending     = 5
	exitInterrupted = 130
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
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			report(stderr, exit.err)
		}
		return exit.code
	}
	report(stderr, err)
	return exitInternal
}

// exitError ends the program with a code; err is what is still to be told.
type exitError struct {
	code int
	err  error
}

// Error is err's text.
func (e *exitError) Error() string { return fmt.Sprint(e.err) }

// Unwrap is err.
func (e *exitError) Unwrap() error { return e.err }

// invalid is err as a mistake in what the user wrote.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitInvalid, err}
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
			playCommand(), runCommand(), inventoryCommand(), playbookCommand(), docCommand(), completionCommand(), labCommand(),
		},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return invalid(err) },
	}
	app.CustomAppHelpTemplate = cli.AppHelpTemplate + "\n" + exitHelp
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return invalid(fmt.Errorf("unknown command %q, %s", c.Args().First(), suggestCommand(app, c.Args().First())))
		}
		return cli.ShowAppHelp(c)
	}
	for _, cmd := range app.Commands {
		cmd.OnUsageError = app.OnUsageError
	}
	return app
}

func suggestCommand(app *cli.App, name string) string {
	var names []string
	for _, c := range app.Commands {
		names = append(names, c.Name)
	}
	if s := diag.Suggest(name, names); s != "" {
		return s
	}
	return "gokube --help lists them"
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
