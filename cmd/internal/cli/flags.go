package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/gokube/gokube/engine"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/secret"
)

// connectFlags say how hosts are reached, where variables do not.
func connectFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "inventory", Aliases: []string{"i"}, Usage: "`SOURCE` of hosts: a file, a folder, an executable or host1,host2,; may be repeated"},
		&cli.StringFlag{Name: "limit", Aliases: []string{"l"}, Usage: "only hosts of `PATTERN`"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "log in as `USER`"},
		&cli.StringFlag{Name: "private-key", Aliases: []string{"key-file"}, Usage: "log in with the key in `FILE`"},
		&cli.BoolFlag{Name: "ask-pass", Aliases: []string{"k"}, Usage: "ask for the password to log in with"},
		&cli.BoolFlag{Name: "become", Aliases: []string{"b"}, Usage: "run tasks as another user"},
		&cli.StringFlag{Name: "become-user", Usage: "become `USER` (default: root)"},
		&cli.StringFlag{Name: "become-method", Usage: "become by `METHOD`: sudo, su or doas (default: sudo)"},
		&cli.BoolFlag{Name: "ask-become-pass", Aliases: []string{"K"}, Usage: "ask for the password to become with"},
		&cli.BoolFlag{Name: "accept-new", Usage: "remember keys of hosts that are not known yet; changed keys are refused all the same"},
		&cli.StringFlag{Name: "connection", Aliases: []string{"c"}, Usage: "reach hosts by `KIND`: ssh or local"},
		&cli.DurationFlag{Name: "timeout", Aliases: []string{"T"}, Usage: "give up connecting after `DURATION`", DefaultText: "10s"},
		&cli.IntFlag{Name: "forks", Aliases: []string{"f"}, Value: engine.DefaultForks, Usage: "run on `N` hosts at once"},
		&cli.StringSliceFlag{Name: "extra-vars", Aliases: []string{"e"}, Usage: "set `VARS`: k=v, JSON, YAML or @file; may be repeated"},
		&cli.StringFlag{Name: "vault-password-file", Usage: "`FILE` with the password of encrypted variables"},
	}
}

// runFlags say how tasks are run and shown.
func runFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "check", Aliases: []string{"C"}, Usage: "change nothing: say what a run would do"},
		&cli.BoolFlag{Name: "diff", Aliases: []string{"D"}, Usage: "show what changes in files and settings"},
		&cli.BoolFlag{Name: "verify", Usage: "plan again after each change, and report modules that are not idempotent"},
		&cli.BoolFlag{Name: "detailed-exitcode", Usage: "with --check: exit code 5 if there are changes to make"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORM` of what is shown: text or jsonl"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "show more; -vv, -vvv: round trips and timings"},
	}
}

// connect reads connectFlags; passwords are asked for on the terminal.
func connect(c *cli.Context) (engine.Connect, error) {
	o := engine.Connect{User: c.String("user"), PrivateKey: c.String("private-key"), Become: c.Bool("become"), BecomeUser: c.String("become-user"),
		BecomeMethod: c.String("become-method"), Timeout: c.Duration("timeout"), Kind: inventory.Kind(c.String("connection"))}
	if c.Bool("accept-new") {
		o.HostKeys = inventory.HostKeysAcceptNew
	}
	err := sensible(c)
	if err != nil {
		return o, err
	}
	if c.Bool("ask-pass") {
		if o.Password, err = ask(c, "password: "); err != nil {
			return o, err
		}
	}
	if c.Bool("ask-become-pass") {
		o.BecomePassword, err = ask(c, "become password: ")
	}
	return o, err
}

// sensible holds the values of connectFlags to what they may be.
func sensible(c *cli.Context) error {
	for _, f := range []struct{ name, may string }{{"connection", "ssh local"}, {"become-method", "sudo su doas"}} {
		if v := c.String(f.name); v != "" && !slices.Contains(strings.Fields(f.may), v) {
			return fmt.Errorf("unknown --%s %q, it may be %s", f.name, v, strings.Join(strings.Fields(f.may), " or "))
		}
	}
	if c.Int("forks") < 1 {
		return fmt.Errorf("--forks is %d, at least 1 host is wanted", c.Int("forks"))
	}
	if c.Duration("timeout") < 0 {
		return fmt.Errorf("--timeout is %v, it must not be negative", c.Duration("timeout"))
	}
	return nil
}

// ask reads a line without echo from the terminal, or from standard input where
// that is none.
func ask(c *cli.Context, prompt string) (secret.String, error) {
	fmt.Fprint(c.App.ErrWriter, prompt)
	defer fmt.Fprintln(c.App.ErrWriter)
	if f, ok := c.App.Reader.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		text, err := term.ReadPassword(int(f.Fd()))
		return secret.New(string(text)), err
	}
	text, err := readLine(c.App.Reader)
	return secret.New(text), err
}

// readLine reads up to a newline and not a byte more.
func readLine(r io.Reader) (string, error) {
	var out []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		switch {
		case n == 1 && b[0] == '\n', err == io.EOF && len(out) > 0:
			return string(out), nil
		case err != nil:
			return "", fmt.Errorf("read an answer: %w", err)
		case n == 1:
			out = append(out, b[0])
		}
	}
}
