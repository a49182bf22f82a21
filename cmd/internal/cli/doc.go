package cli

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/modules"
)

func docCommand() *cli.Command {
	return &cli.Command{
		Name:      "doc",
		Usage:     "Describe modules, their arguments and what they register",
		ArgsUsage: "[MODULE...]",
		Action:    showDocs,
		BashComplete: func(c *cli.Context) {
			for _, m := range modules.All() {
				fmt.Fprintln(c.App.Writer, m.Spec().Name)
			}
		},
	}
}

func showDocs(c *cli.Context) error {
	comments, err := docs.Load()
	if err != nil {
		return err
	}
	var names []string
	texts := map[string]string{}
	for _, m := range modules.All() {
		s := m.Spec()
		names = append(names, s.Name)
		texts[s.Name] = comments.Module(s)
		if !c.Args().Present() {
			fmt.Fprintf(c.App.Writer, "%-20s %s\n", s.Name, s.Summary)
		}
	}
	for _, n := range c.Args().Slice() {
		text, ok := texts[n]
		if !ok {
			return invalid(diag.Diagnostic{Summary: "unknown module", Detail: fmt.Sprintf("%q", n), Hint: diag.Suggest(n, names)})
		}
		fmt.Fprint(c.App.Writer, text)
	}
	return nil
}
