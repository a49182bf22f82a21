package reference_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/gokube/gokube/cmd/internal/cli/reference"
)

func TestTheManualHasCommandsFlagsAndExamples(t *testing.T) {
	t.Parallel()
	app := &cli.App{Name: "app", Usage: "Do things", Commands: []*cli.Command{
		{Name: "do", Usage: "Do one", ArgsUsage: "NAME", Description: "At once.\n\n   app do it\n   app do that\nOr later.", Flags: []cli.Flag{
			&cli.StringFlag{Name: "form", Aliases: []string{"f"}, Value: "a", Usage: "the `FORM`: a|b"}, &cli.BoolFlag{Name: "all", Usage: "all of it"},
			&cli.BoolFlag{Name: "secret", Hidden: true},
		}},
		{Name: "of", Usage: "Have others", Subcommands: []*cli.Command{{Name: "sub", Usage: "Be one"}}},
		{Name: "hidden", Hidden: true},
	}}
	want := "# The command line\n\nDo things. `app COMMAND --help` shows the same.\n\n```text\n0 ok\n```\n\n" +
		"| command | what it does |\n| --- | --- |\n| [app do](#app-do) | Do one |\n| [app of](#app-of) | Have others |\n\n" +
		"## app do\n\nDo one.\n\n```text\napp do [options] NAME\n```\n\nAt once.\n\n```sh\napp do it\napp do that\n```\nOr later.\n\n" +
		"| option | |\n| --- | --- |\n| `--form FORM`, `-f FORM` | the FORM: a\\|b (default: a) |\n| `--all` | all of it |\n\n" +
		"## app of\n\nHave others.\n\n```text\napp of COMMAND\n```\n\n### app of sub\n\nBe one.\n\n```text\napp of sub\n```\n"
	if d := cmp.Diff(want, reference.Markdown(app, "0 ok\n")); d != "" {
		t.Error(d)
	}
}
