package cli_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gokube/gokube/cmd/internal/cli"
)

var update = flag.Bool("update", false, "rewrite what scripts expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gokube": func() { os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the scripts in testdata/scripts, each a use of the command
// line and what it must print.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "..", "testdata", "scripts"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exit": exits, "steady": steady,
		},
	})
}

// exits is `exit CODE COMMAND...`: the command must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit code command...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// steady is `steady stdout|stderr FILE`: writes the output into the file, without
// times, which differ from run to run.
func steady(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: steady stdout|stderr file")
	}
	text := ts.ReadFile(args[0])
	text = regexp.MustCompile(`"time":"[^"]*"`).ReplaceAllString(text, `"time":"T"`)
	text = regexp.MustCompile(`"elapsed":[0-9.e-]+`).ReplaceAllString(text, `"elapsed":0`)
	text = regexp.MustCompile(`"version":"[^"]*"`).ReplaceAllString(text, `"version":"V"`)
	text = regexp.MustCompile(`\b[0-9.]+(ns|µs|ms|s)\b`).ReplaceAllString(text, "TIME")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}
