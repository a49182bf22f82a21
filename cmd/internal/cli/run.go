package cli

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/urfave/cli/v2"
	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/playbook"

	"github.com/gokube/gokube/cmd/internal/exit"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "Run one module on the hosts of a pattern",
		ArgsUsage: "PATTERN",
		Description: "   gokube run all -i hosts.yml -m ping\n   gokube run web -i hosts.yml -b -m package -a 'name=nginx' --check\n" +
			"   gokube run all -i hosts.yml -a 'uptime'",
		Flags: append(append(connectFlags(), runFlags()...),
			&cli.StringFlag{Name: "module", Aliases: []string{"m"}, Value: "command", Usage: "`MODULE` to run"},
			&cli.StringFlag{Name: "args", Aliases: []string{"a"}, Usage: "its arguments: k=v ..., or YAML"},
		),
		Action: runModule,
	}
}

func runModule(c *cli.Context) error {
	if c.NArg() != 1 {
		return exit.Wrong(errors.New("one host pattern is wanted, see gokube run --help"))
	}
	text, err := adHoc(c.Args().First(), c.String("module"), c.String("args"))
	if err != nil {
		return exit.Wrong(err)
	}
	k, err := newKit(c)
	if err != nil {
		return exit.Wrong(err)
	}
	k.loud = true
	k.files = commandLine{files(), text}
	k.newLoader()
	pb, err := k.loader.Playbook(c.Context, commandLineName)
	if err != nil {
		return exit.Wrong(err)
	}
	if err := k.someHost(c.Args().First()); err != nil {
		return exit.Wrong(err)
	}
	return k.play([]*playbook.Playbook{pb})
}

// loud shows what commands print, which a playbook would register.
type loud struct{ event.Reporter }

// Report passes e on.
func (l loud) Report(e event.Event) {
	if d, ok := e.(event.Done); ok && d.Message == "" && d.Err == nil && !d.Hidden {
		stdout, _ := d.Output["stdout"].(string)
		stderr, _ := d.Output["stderr"].(string)
		d.Message = strings.Trim(strings.TrimRight(stdout, "\n")+"\n"+stderr, "\n")
		e = d
	}
	l.Reporter.Report(e)
}

// someHost fails if a term of pattern names nothing: unlike a playbook's, it was
// meant for this inventory.
func (k *kit) someHost(pattern string) error {
	inv, err := k.inventory(k.c.Context, "")
	if err != nil {
		return err
	}
	found, err := inv.Match(pattern)
	if err != nil {
		return err
	}
	return found.Unmatched.Err()
}

// adHoc is a playbook of one task.
func adHoc(pattern, module, args string) ([]byte, error) {
	var given any = args
	var parsed map[string]any
	if len(args) > 0 && args[0] == '{' && yaml.Unmarshal([]byte(args), &parsed) == nil {
		given = parsed
	}
	if args == "" {
		given = map[string]any{}
	}
	return yaml.Marshal([]any{map[string]any{"hosts": pattern, "gather_facts": false, "name": "run " + module, "tasks": []any{map[string]any{module: given}}}})
}

// commandLineName stands for the command line in messages.
const commandLineName = "(command line)"

// commandLine is the machine's files and a playbook that the command line made.
type commandLine struct {
	playbook.Files
	made []byte
}

// ReadFile gives the made playbook under its name.
func (f commandLine) ReadFile(name string) ([]byte, error) {
	if name == commandLineName {
		return f.made, nil
	}
	return f.Files.ReadFile(name)
}

// Stat knows the made playbook.
func (f commandLine) Stat(name string) (fs.FileInfo, error) {
	if name == commandLineName {
		return madeInfo{size: int64(len(f.made))}, nil
	}
	return f.Files.Stat(name)
}

// madeInfo describes the made playbook.
type madeInfo struct {
	fs.FileInfo // nil: nobody asks for more than what is below
	size        int64
}

// Name implements fs.FileInfo.
func (madeInfo) Name() string { return commandLineName }

// Size implements fs.FileInfo.
func (m madeInfo) Size() int64 { return m.size }

// Mode implements fs.FileInfo.
func (madeInfo) Mode() fs.FileMode { return 0o444 }

// IsDir implements fs.FileInfo.
func (madeInfo) IsDir() bool { return false }
