package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/modules"

	"github.com/gokube/gokube/cmd/internal/exit"
)

func playCommand() *cli.Command {
	return &cli.Command{
		Name:      "play",
		Usage:     "Run playbooks on the hosts of an inventory",
		ArgsUsage: "PLAYBOOK...",
		Description: "A PLAYBOOK that is no file is one that gokube brings along; `gokube playbook list` names them.\n\n" +
			"   gokube play -i hosts.yml site.yml --check --diff   # what would it do?\n   gokube play -i hosts.yml site.yml",
		Flags: append(append(connectFlags(), runFlags()...),
			&cli.StringSliceFlag{Name: "tags", Aliases: []string{"t"}, Usage: "only tasks with one of `TAGS`"},
			&cli.StringSliceFlag{Name: "skip-tags", Usage: "no tasks with one of `TAGS`"},
			&cli.BoolFlag{Name: "force-handlers", Usage: "run handlers on hosts that failed, too"},
			&cli.BoolFlag{Name: "syntax-check", Usage: "load the playbooks, tell what is wrong, run nothing"},
			&cli.BoolFlag{Name: "list-hosts", Usage: "list the hosts of each play, run nothing"},
			&cli.BoolFlag{Name: "list-tasks", Usage: "list the tasks of each play, run nothing"},
			&cli.BoolFlag{Name: "list-tags", Usage: "list the tags of each play, run nothing"},
		),
		Action: play,
	}
}

func play(c *cli.Context) error {
	if !c.Args().Present() {
		return exit.Wrong(errors.New("no playbook given, see gokube play --help"))
	}
	k, err := newKit(c)
	if err != nil {
		return exit.Wrong(err)
	}
	var books []*playbook.Playbook
	for _, name := range c.Args().Slice() {
		pb, err := k.loader.Playbook(c.Context, name)
		if err != nil {
			return exit.Wrong(err)
		}
		books = append(books, pb)
	}
	if c.Bool("syntax-check") {
		return nil
	}
	if c.Bool("list-hosts") || c.Bool("list-tasks") || c.Bool("list-tags") {
		return k.list(books)
	}
	return k.play(books)
}

// play runs books one after the other, as one run.
func (k *kit) play(books []*playbook.Playbook) error {
	whole := &playbook.Playbook{File: books[0].File}
	for _, b := range books {
		whole.Plays = append(whole.Plays, b.Plays...)
	}
	soft, hard, stop := interrupts(k.c.Context, k.c)
	defer stop()
	inv, err := k.inventory(soft, path.Dir(whole.File))
	if err != nil {
		return exit.Wrong(err)
	}
	o, err := k.options(inv)
	if err != nil {
		return exit.Wrong(err)
	}
	o.Tags, o.Skip, o.ForceHandlers = tagList(k.c.StringSlice("tags")), tagList(k.c.StringSlice("skip-tags")), k.c.Bool("force-handlers")
	o.Prompt = k.prompt()
	out, err := k.reporter()
	if err != nil {
		return exit.Wrong(err)
	}
	f := k.fleet(out, whole.Plays)
	defer f.Close()
	e := engine.New(engine.Parts{Inventory: inv, Loader: k.loader, Files: k.files, Vars: k.reader, Modules: modules.All(), Fleet: f, Reporter: out}, o)
	result, err := e.Run(soft, hard, whole)
	return k.exit(result, err)
}

// exit is the exit code that a run's outcome calls for.
func (k *kit) exit(o engine.Outcome, err error) error {
	switch {
	case err != nil:
		return &exit.Error{Code: exit.Invalid, Err: err}
	case o.Interrupted:
		return &exit.Error{Code: exit.Interrupted}
	case o.Unreachable:
		return &exit.Error{Code: exit.Unreachable}
	case o.Failed:
		return &exit.Error{Code: exit.Failed}
	case len(o.Bugs) > 0:
		return &exit.Error{Code: exit.Internal}
	case o.Pending && k.c.Bool("detailed-exitcode"):
		return &exit.Error{Code: exit.Pending}
	}
	return nil
}

// interrupts are two contexts: the first ends with the first interrupt, so that
// running tasks may finish, the second with the second.
func interrupts(parent context.Context, c *cli.Context) (soft, hard context.Context, stop func()) {
	soft, softly := context.WithCancel(parent)
	hard, hardly := context.WithCancel(parent)
	sig := make(chan os.Signal, 2)
	signal.Notify(sig, os.Interrupt, syscall.SIGTERM)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-hard.Done():
				return
			case <-sig:
			}
			if n == 0 {
				fmt.Fprintln(c.App.ErrWriter, "\ninterrupted: running tasks may finish; interrupt again to cancel them")
				softly()
			} else {
				hardly()
			}
		}
	}()
	return soft, hard, func() { signal.Stop(sig); softly(); hardly() }
}
