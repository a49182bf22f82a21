package cli

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/docs"
	"github.com/gokube/gokube/cmd/internal/exit"
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
			return exit.Wrong(diag.Diagnostic{Summary: "unknown module", Detail: fmt.Sprintf("%q", n), Hint: diag.Suggest(n, names)})
		}
		fmt.Fprint(c.App.Writer, text)
	}
	return nil
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
