package cli

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"
)

const (
	bashCompletion = `_gokube() {
  local opts
  opts=$("${COMP_WORDS[@]:0:$COMP_CWORD}" --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "$opts" -f -- "${COMP_WORDS[$COMP_CWORD]}"))
}
complete -o default -F _gokube gokube
`
	zshCompletion = `#compdef gokube
_gokube() {
  local -a opts
  opts=("${(@f)$(${words[1,$CURRENT-1]} --generate-bash-completion 2>/dev/null)}")
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
				return invalid(errors.New("which shell: bash, zsh or fish?"))
			}
			fmt.Fprint(c.App.Writer, script)
			return nil
		},
	}
}
