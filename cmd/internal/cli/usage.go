package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/engine/diag"

	"github.com/gokube/gokube/cmd/internal/exit"
)

// tidy makes mistakes on the command line read alike for all commands, and help
// say no more than it must.
func tidy(commands []*cli.Command) {
	for _, cmd := range commands {
		cmd.HideHelpCommand = true
		cmd.OnUsageError = usageError
		for i, f := range cmd.Flags {
			cmd.Flags[i] = plain(f)
		}
		if len(cmd.Subcommands) > 0 && cmd.Action == nil {
			cmd.Action = subcommandWanted
		}
		tidy(cmd.Subcommands)
	}
}

// plain is f with a short line of help.
func plain(f cli.Flag) cli.Flag {
	switch f := f.(type) {
	case *cli.BoolFlag:
		f.DisableDefaultText = true
	case *cli.StringSliceFlag:
		return &listFlag{f}
	}
	return f
}

// listFlag is a flag that may be repeated, and says so in its usage alone.
type listFlag struct{ *cli.StringSliceFlag }

// String is the line of help.
func (f *listFlag) String() string {
	once := cli.StringFlag{Name: f.Name, Aliases: f.Aliases, Usage: f.Usage}
	return once.String()
}

// usageError is a flag that is not known, or a value that is none, as a mistake
// of the user.
func usageError(c *cli.Context, err error, _ bool) error {
	// package flag has no kinds of errors, only this text
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return exit.Wrong(errors.New(strings.Replace(err.Error(), "for flag -", "for flag --", 1)))
	}
	var names []string
	flags := c.App.Flags
	if c.Command != nil {
		flags = append(flags, c.Command.Flags...)
	}
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	d := diag.Diagnostic{Summary: "unknown flag", Detail: dashed(name)}
	if best := diag.Nearest(name, names); best != "" && len(name) > 1 {
		d.Hint = fmt.Sprintf("did you mean %q?", dashed(best))
	}
	return exit.Wrong(d)
}

// dashed is a flag the way it is written.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// subcommandWanted is the action of a command that only has others.
func subcommandWanted(c *cli.Context) error {
	if c.Args().Present() {
		return unknownCommand(c.Command.Subcommands, c.Args().First(), "gokube "+c.Command.Name)
	}
	return cli.ShowSubcommandHelp(c)
}

func unknownCommand(commands []*cli.Command, name, of string) error {
	var names []string
	for _, c := range commands {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	d := diag.Diagnostic{Summary: "unknown command", Detail: fmt.Sprintf("%q", name), Hint: diag.Suggest(name, names)}
	if d.Hint == "" {
		d.Hint = of + " --help lists them"
	}
	return exit.Wrong(d)
}
