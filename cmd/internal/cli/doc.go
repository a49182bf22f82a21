package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/cmd/internal/exit"
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/roles"
)

func docCommand() *cli.Command {
	return &cli.Command{
		Name:      "doc",
		Usage:     "Describe modules and roles, what they take and what modules register",
		ArgsUsage: "[NAME...]",
		Description: "Without a NAME it lists all modules and roles. A NAME that a module and a role share shows both.\n\n" +
			"   gokube doc systemd\n   gokube doc bootstrap-os",
		Flags:        []cli.Flag{&cli.BoolFlag{Name: "list", Aliases: []string{"l"}, Usage: "list the names, with a line for each"}},
		Action:       showDocs,
		BashComplete: completeDocs,
	}
}

// page is one page of documentation.
type page struct{ name, summary, text string }

// pages are those of all modules, and of all roles.
func pages() (ofModules, ofRoles []page, err error) {
	comments, err := docs.Load()
	if err != nil {
		return nil, nil, err
	}
	for _, s := range docs.Specs() {
		ofModules = append(ofModules, page{s.Name, s.Summary, comments.Module(s)})
	}
	found, err := docs.Roles(roles.FS)
	for _, r := range found {
		ofRoles = append(ofRoles, page{r.Name, r.Summary, r.Markdown()})
	}
	return ofModules, ofRoles, err
}

func completeDocs(c *cli.Context) {
	if n := len(os.Args); n > 2 && strings.HasPrefix(os.Args[n-2], "-") {
		cli.DefaultCompleteWithFlags(c.Command)(c)
		return
	}
	ofModules, ofRoles, _ := pages() // what cannot be read is not offered
	for _, p := range slices.Concat(ofModules, ofRoles) {
		fmt.Fprintln(c.App.Writer, p.name)
	}
}

func showDocs(c *cli.Context) error {
	ofModules, ofRoles, err := pages()
	if err != nil {
		return err
	}
	if c.Bool("list") || !c.Args().Present() {
		listPages(c, "modules", ofModules)
		fmt.Fprintln(c.App.Writer)
		listPages(c, "roles", ofRoles)
	}
	all := slices.Concat(ofModules, ofRoles)
	for _, n := range c.Args().Slice() {
		n = strings.TrimPrefix(n, "ansible.builtin.")
		text, names := "", []string{}
		for _, p := range all {
			names = append(names, p.name)
			if p.name == n {
				text += p.text
			}
		}
		if text == "" {
			return exit.Wrong(diag.Diagnostic{Summary: "unknown module or role", Detail: fmt.Sprintf("%q", n), Hint: diag.Suggest(n, names)})
		}
		fmt.Fprint(c.App.Writer, text)
	}
	return nil
}

func listPages(c *cli.Context, what string, list []page) {
	fmt.Fprintf(c.App.Writer, "%s\n\n", strings.ToUpper(what))
	for _, p := range list {
		fmt.Fprintf(c.App.Writer, "%-20s %s\n", p.name, p.summary)
	}
}

const (
	bashCompletion = `_gokube() {
  local opts cur="${COMP_WORDS[$COMP_CWORD]}" words=("${COMP_WORDS[@]:0:$COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  opts=$("${words[@]}" --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "$opts" -f -- "$cur"))
}
complete -o default -F _gokube gokube
`
	zshCompletion = `#compdef gokube
_gokube() {
  local -a opts given
  given=(${words[1,$CURRENT-1]})
  [[ ${words[$CURRENT]} == -* ]] && given+=(${words[$CURRENT]})
  opts=("${(@f)$($given --generate-bash-completion 2>/dev/null)}")
  _describe 'values' opts
  _files
}
compdef _gokube gokube
`
	fishCompletion = `complete -c gokube -a '(commandline -opc | string join " " | read -l c; eval $c --generate-bash-completion 2>/dev/null)'
`
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:        "completion",
		Usage:       "Print a script that completes commands and flags",
		ArgsUsage:   "bash|zsh|fish",
		Description: "   source <(gokube completion bash)",
		Action: func(c *cli.Context) error {
			script, ok := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Args().First()]
			if !ok {
				return exit.Wrong(errors.New("which shell: bash, zsh or fish?"))
			}
			fmt.Fprint(c.App.Writer, script)
			return nil
		},
	}
}
