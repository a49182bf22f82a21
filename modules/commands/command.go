package commands

import (
	"context"
	"errors"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// CommandArgs are the arguments of the command module.
type CommandArgs struct {
	// Cmd is the command as one text, split like a shell would but run without one.
	Cmd string `arg:"cmd"`
	// Argv is the command as a list.
	Argv []string `arg:"argv"`
	// ExpandArgumentVars is accepted for Ansible's sake; nothing is expanded.
	ExpandArgumentVars bool `arg:"expand_argument_vars"`
	Options
}

// Command runs a command.
var Command = module.Define(module.Spec{
	Name: "command", Summary: "Run a command, without a shell", FreeForm: "cmd",
	OneOf: [][]string{{"cmd", "argv"}}, Exclusive: [][]string{{"cmd", "argv"}},
	Example: "- command: uname -a\n- command:\n    cmd: kubeadm init --config /etc/kubernetes/kubeadm.yaml\n    creates: /etc/kubernetes/admin.conf\n- command: {argv: [systemctl, is-system-running], read_only: true}\n",
	Output:  outputs(),
}, planCommand)

func planCommand(ctx context.Context, r system.Reader, a *CommandArgs) (*module.Plan, error) {
	argv := a.Argv
	if a.Cmd != "" {
		var err error
		if argv, err = words(a.Cmd); err != nil {
			return nil, err
		}
	}
	if len(argv) == 0 || argv[0] == "" {
		return nil, errors.New("the command is empty")
	}
	return a.plan(ctx, r, system.Cmd{Argv: argv})
}
