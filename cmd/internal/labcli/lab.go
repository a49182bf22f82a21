//go:build linux

// Package labcli is the commands of gokube lab. It knows nothing of playbooks.
package labcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/lab"

	"github.com/gokube/gokube/cmd/internal/exit"
)

// Command is gokube lab: throwaway hosts on this machine.
func Command() *cli.Command {
	c := &cli.Command{
		Name:  "lab",
		Usage: "Make throwaway real hosts on this machine, and take them away again",
		Description: "Each host has its own systemd, sshd, disk and address. Needs root, Linux, iproute2, and mmdebstrap for the first lab.\n" +
			"A lab can be told from others by --name; several can be up at the same time.",
		Subcommands: []*cli.Command{
			labUpCommand(),
			mirrorCommand(),
			labStatusCommand(),
			{Name: "down", Usage: "Take a lab away, whole or half made", Flags: []cli.Flag{labName()}, Action: labDown},
			{Name: "ssh", Usage: "Open a shell on a host, or run a command there", ArgsUsage: "HOST [-- COMMAND...]", Flags: []cli.Flag{labName()}, Action: labSSH},
			{Name: "exec", Usage: "Run a command as root inside a host, without ssh", ArgsUsage: "HOST -- COMMAND...", Flags: []cli.Flag{labName()}, Action: labExec},
			labMarkCommand(),
			labChangesCommand(),
			onHosts("reboot", "Restart hosts the orderly way and wait for them", (*lab.Lab).Reboot),
			onHosts("partition", "Cut hosts off the network; connections stall", (*lab.Lab).Partition),
			onHosts("heal", "End a partition", (*lab.Lab).Heal),
			onHosts("kill", "Pull the plug of hosts", (*lab.Lab).Kill),
			onHosts("start", "Switch hosts on that are off", (*lab.Lab).Start),
			{Name: "delay", Usage: "Make everything sent to a host take longer; 0 ends it", ArgsUsage: "HOST DURATION", Flags: []cli.Flag{labName()}, Action: labDelay},
		},
	}
	for _, name := range lab.InnerCommands() {
		c.Subcommands = append(c.Subcommands, &cli.Command{Name: name, Hidden: true, SkipFlagParsing: true, HideHelp: true,
			Action: func(c *cli.Context) error { return lab.Inner(c.Context, c.App.Writer, name, c.Args().Slice()) }})
	}
	return c
}

func labName() cli.Flag {
	return &cli.StringFlag{Name: "name", Usage: "the lab's `NAME`", Value: lab.DefaultName}
}

func labUpCommand() *cli.Command {
	return &cli.Command{
		Name:  "up",
		Usage: "Make a lab and print its inventory",
		Flags: []cli.Flag{
			labName(),
			&cli.IntFlag{Name: "hosts", Usage: "make `N` hosts", Value: 3},
			&cli.StringFlag{Name: "image", Usage: "what the hosts start from: plain (no Python) or python", Value: "plain"},
			&cli.StringFlag{Name: "sudo", Usage: "nopasswd, or password: sudo asks for one, which is in the inventory", Value: lab.SudoFree},
			&cli.StringFlag{Name: "dir", Usage: "put inventory, key and disks into the empty folder `DIR`"},
			&cli.BoolFlag{Name: "mirror", Usage: "serve what a cluster is installed from; builds it first where that is not done"},
			&cli.StringSliceFlag{Name: "mirror-fault", Usage: "make the mirror fail, as `KIND:PATH`; see lab mirror fault"},
		},
		Action: labUp,
	}
}

func labUp(c *cli.Context) error {
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	l, err := lab.Up(ctx, lab.Options{Name: c.String("name"), Hosts: c.Int("hosts"), Image: c.String("image"),
		Sudo: c.String("sudo"), Dir: c.String("dir"), Log: c.App.ErrWriter,
		Mirror: c.Bool("mirror"), Faults: c.StringSlice("mirror-fault")})
	if err != nil {
		return err
	}
	text, err := os.ReadFile(l.Inventory())
	if err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "ready after %.1f s; inventory: %s\n", time.Since(start).Seconds(), l.Inventory())
	_, err = c.App.Writer.Write(text)
	return err
}

func labDown(c *cli.Context) error {
	if stray := c.Args().First(); stray != "" { // not the lab that it seems to name
		return exit.Wrong(fmt.Errorf("lab down takes no argument: lab down --name %s takes that lab away", stray))
	}
	return lab.Down(c.Context, c.String("name"))
}

// openLab finds the lab of --name; there are at least n arguments. Only the first
// of them is sure to be a host: those behind it may be another program's flags.
func openLab(c *cli.Context, n int) (*lab.Lab, []string, error) {
	args := c.Args().Slice()
	if len(args) < n {
		return nil, nil, exit.Wrong(fmt.Errorf("lab %s takes %s", c.Command.Name, c.Command.ArgsUsage))
	}
	l, err := lab.Open(c.String("name"))
	return l, args, err
}

// openHosts is openLab where all arguments are hosts.
func openHosts(c *cli.Context, n int) (*lab.Lab, []string, error) {
	for _, a := range c.Args().Slice() {
		if strings.HasPrefix(a, "-") {
			return nil, nil, exit.Wrong(fmt.Errorf("put %s before %s", a, c.Args().First()))
		}
	}
	return openLab(c, n)
}

// onHosts is a command that does one thing to each host named.
func onHosts(name, usage string, do func(*lab.Lab, context.Context, string) error) *cli.Command {
	return &cli.Command{Name: name, Usage: usage, ArgsUsage: "HOST...", Flags: []cli.Flag{labName()},
		Action: func(c *cli.Context) error {
			l, hosts, err := openHosts(c, 1)
			if err != nil {
				return err
			}
			var errs []error
			for _, h := range hosts {
				errs = append(errs, do(l, c.Context, h))
			}
			return errors.Join(errs...)
		}}
}

func labDelay(c *cli.Context) error {
	l, args, err := openHosts(c, 2)
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(args[1])
	if err != nil {
		return exit.Wrong(fmt.Errorf("read %q as a duration: write it like 20ms", args[1]))
	}
	return l.Delay(c.Context, args[0], d)
}

func labStatusCommand() *cli.Command {
	return &cli.Command{Name: "status", Usage: "Show labs and their hosts",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "name", Usage: "only the lab `NAME`"}},
		Action: labStatus}
}

func labStatus(c *cli.Context) error {
	names := []string{c.String("name")}
	if names[0] == "" {
		var err error
		if names, err = lab.Names(); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LAB\tHOST\tADDRESS\tSTATE\tBOOTS\tMEMORY\tDISK")
	for _, name := range names {
		l, err := lab.Open(name)
		if err != nil {
			return err
		}
		hosts, err := l.Status(c.Context)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d MiB\t%d MiB\n", name, h.Name, h.Address, labState(h), h.Boots, h.Memory>>20, h.Disk>>20)
		}
		if at := l.Mirror(); at != "" {
			fmt.Fprintf(w, "%s\t(mirror)\t%s\t\t\t\t\n", name, at)
		}
	}
	return w.Flush()
}

// labState says in a few words how a host is.
func labState(h lab.HostStatus) string {
	words := []string{"up"}
	if !h.Up {
		words[0] = "off"
		if h.Last != "" {
			words[0] += " (" + h.Last + ")"
		}
	}
	if h.Cut {
		words = append(words, "cut off")
	}
	if h.Delay > 0 {
		words = append(words, h.Delay.String()+" away")
	}
	return strings.Join(words, ", ")
}
