// Package reference writes the manual of a command line as Markdown. It knows no
// command by name.
package reference

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Markdown is the manual of app: every command with its flags, below a title.
// codes is the text on exit codes.
func Markdown(app *cli.App, codes string) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "# The command line\n\n%s. `%s COMMAND --help` shows the same.\n\n```text\n%s```\n", app.Usage, app.Name, codes)
	sb.WriteString("\n| command | what it does |\n| --- | --- |\n")
	for _, c := range app.VisibleCommands() {
		name := app.Name + " " + c.Name
		fmt.Fprintf(&sb, "| [%s](#%s) | %s |\n", name, strings.ReplaceAll(name, " ", "-"), cell(c.Usage))
	}
	for _, c := range app.Commands {
		command(&sb, app.Name, c, "##")
	}
	return sb.String()
}

// command writes c, called below parent, and its subcommands.
func command(sb *strings.Builder, parent string, c *cli.Command, heading string) {
	if c.Hidden {
		return
	}
	name := parent + " " + c.Name
	usage := name
	if len(c.Flags) > 0 {
		usage += " [options]"
	}
	switch {
	case c.ArgsUsage != "":
		usage += " " + c.ArgsUsage
	case len(c.Subcommands) > 0:
		usage = name + " COMMAND"
	}
	fmt.Fprintf(sb, "\n%s %s\n\n%s.\n\n```text\n%s\n```\n", heading, name, c.Usage, usage)
	if d := strings.TrimRight(c.Description, "\n "); d != "" {
		sb.WriteString("\n" + description(d) + "\n")
	}
	if len(c.Flags) > 0 {
		sb.WriteString("\n| option | |\n| --- | --- |\n")
	}
	for _, f := range c.Flags {
		flag(sb, f)
	}
	for _, sub := range c.Subcommands {
		command(sb, name, sub, heading+"#")
	}
}

// description is the text of one; lines in it that are indented are examples.
func description(text string) string {
	var out []string
	inside := false
	for line := range strings.Lines(text) {
		line, indented := strings.CutPrefix(strings.TrimRight(line, "\n "), "   ")
		if indented != inside && line != "" {
			out = append(out, map[bool]string{true: "```sh", false: "```"}[indented])
			inside = indented
		}
		out = append(out, line)
	}
	if inside {
		out = append(out, "```")
	}
	return strings.Join(out, "\n")
}

// flag writes f as a row of a table.
func flag(sb *strings.Builder, f cli.Flag) {
	doc, ok := f.(cli.DocGenerationFlag)
	if v, hidden := f.(cli.VisibleFlag); !ok || hidden && !v.IsVisible() {
		return
	}
	placeholder, usage := unquote(doc.GetUsage())
	var names []string
	for _, n := range f.Names() {
		dashes := "--"
		if len(n) == 1 {
			dashes = "-"
		}
		if n = dashes + n; doc.TakesValue() {
			n += " " + placeholder
		}
		names = append(names, "`"+n+"`")
	}
	if d := doc.GetDefaultText(); doc.TakesValue() && d != "" {
		usage += " (default: " + strings.Trim(d, `"`) + ")"
	}
	fmt.Fprintf(sb, "| %s | %s |\n", strings.Join(names, ", "), cell(usage))
}

// unquote finds the word in backquotes that stands for a flag's value.
func unquote(usage string) (placeholder, plain string) {
	before, rest, ok := strings.Cut(usage, "`")
	word, after, closed := strings.Cut(rest, "`")
	if !ok || !closed {
		return "VALUE", usage
	}
	return word, before + word + after
}

// cell is text as it may stand in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
