//go:build linux

package labcli

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/lab"

	"github.com/gokube/gokube/cmd/internal/exit"
)

// withoutDashes drops the "--" that sets a host apart from a command.
func withoutDashes(args []string) []string {
	if len(args) > 0 && args[0] == "--" {
		return args[1:]
	}
	return args
}

func labSSH(c *cli.Context) error {
	l, args, err := openLab(c, 1)
	if err != nil {
		return err
	}
	cmd, err := l.SSH(c.Context, args[0], withoutDashes(args[1:])...)
	if err != nil {
		return err
	}
	return passOn(c, cmd)
}

func labExec(c *cli.Context) error {
	l, args, err := openLab(c, 2)
	if err != nil {
		return err
	}
	argv := withoutDashes(args[1:])
	if len(argv) == 0 {
		return exit.Wrong(errors.New("lab exec takes a host and a command"))
	}
	cmd, err := l.Command(c.Context, args[0], argv...)
	if err != nil {
		return err
	}
	return passOn(c, cmd)
}

// passOn runs a command with this program's streams and ends with its exit code.
func passOn(c *cli.Context, cmd *lab.Cmd) error {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.App.Reader, c.App.Writer, c.App.ErrWriter
	err := cmd.Run()
	var ended interface{ ExitCode() int }
	if errors.As(err, &ended) && ended.ExitCode() > 0 {
		return &exit.Error{Code: ended.ExitCode()}
	}
	return err
}

func labMarkCommand() *cli.Command {
	return &cli.Command{Name: "mark", Usage: "Remember what hosts' files are now, for changes", ArgsUsage: "[HOST...]",
		Flags: []cli.Flag{labName()},
		Action: func(c *cli.Context) error {
			l, hosts, err := labHosts(c)
			if err != nil {
				return err
			}
			for _, h := range hosts {
				if err := l.Mark(h); err != nil {
					return err
				}
			}
			return nil
		}}
}

// labHosts are the hosts named, or all.
func labHosts(c *cli.Context) (*lab.Lab, []string, error) {
	l, hosts, err := openHosts(c, 0)
	if err == nil && len(hosts) == 0 {
		for _, h := range l.Hosts() {
			hosts = append(hosts, h.Name)
		}
	}
	return l, hosts, err
}

func labChangesCommand() *cli.Command {
	return &cli.Command{Name: "changes", Usage: "List the files that differ since the last mark", ArgsUsage: "[HOST...]",
		Description: "Times do not count. What a living host touches by itself is left out, as is the runner's cache.",
		Flags:       []cli.Flag{labName(), &cli.BoolFlag{Name: "all", Usage: "leave nothing out"}},
		Action: func(c *cli.Context) error {
			l, hosts, err := labHosts(c)
			if err != nil {
				return err
			}
			for _, h := range hosts {
				if err := showChanges(c, l, h, len(hosts) > 1); err != nil {
					return err
				}
			}
			return nil
		}}
}

func showChanges(c *cli.Context, l *lab.Lab, host string, named bool) error {
	look := l.Changes
	if c.Bool("all") {
		look = l.AllChanges
	}
	changes, err := look(host)
	if err != nil {
		return err
	}
	for _, f := range changes {
		line := f.String()
		if named {
			line = host + ": " + line
		}
		if _, err := fmt.Fprintln(c.App.Writer, line); err != nil {
			return err
		}
	}
	return nil
}
