package cli

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder moves flags in front of arguments, as people write them anywhere:
// `gokube play site.yml --check`. What comes after -- stays.
func reorder(app *cli.App, args []string) []string {
	cmd, at := meant(app, args)
	if cmd == nil || args[len(args)-1] == "--generate-bash-completion" {
		return args
	}
	out, rest := args[:at:at], []string{}
	for i := at; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(append(out, rest...), args[i:]...)
		case a == "-" || !strings.HasPrefix(a, "-"):
			rest = append(rest, a)
		default:
			out = append(out, split(cmd, a)...)
			if takesValue(cmd, a) && i+1 < len(args) {
				i++
				out = append(out, args[i])
			}
		}
	}
	return append(out, rest...)
}

// meant is the command that args name, and where what belongs to it begins; nil if
// there is none, or one with nothing but subcommands, which may hand on what it is
// given.
func meant(app *cli.App, args []string) (cmd *cli.Command, at int) {
	if len(args) < 2 {
		return nil, 0
	}
	cmd = app.Command(args[1])
	if cmd == nil || len(cmd.Subcommands) > 0 && len(cmd.Flags) == 0 {
		return nil, 0
	}
	if len(args) > 2 {
		if sub := cmd.Command(args[2]); sub != nil {
			return sub, 3
		}
	}
	return cmd, 2
}

// split takes -vvv for three -v.
func split(cmd *cli.Command, a string) []string {
	if len(a) > 2 && a[1] != '-' && strings.Trim(a[1:], "v") == "" {
		return strings.Split(strings.Repeat(" -v", len(a)-1), " ")[1:]
	}
	return []string{a}
}

// takesValue reports whether the argument after a is its value.
func takesValue(cmd *cli.Command, a string) bool {
	name := strings.TrimLeft(a, "-")
	for _, f := range cmd.Flags {
		for _, n := range f.Names() {
			if n == name {
				d, ok := f.(cli.DocGenerationFlag)
				return ok && d.TakesValue()
			}
		}
	}
	return false
}
