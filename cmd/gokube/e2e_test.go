//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/cmd/internal/cli"
	"github.com/gokube/gokube/cmd/internal/lab"
	"github.com/gokube/gokube/engine/change"
)

// TestMain lets the test binary stand in for gokube, which a lab runs for its
// inner processes and the tests run to play.
func TestMain(m *testing.M) {
	if os.Getenv("GOKUBE_E2E_MAIN") != "" || len(os.Args) > 2 && os.Args[1] == "lab" {
		os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestPromise plays the examples and the built-in playbooks that need no cluster on
// fresh hosts.
func TestPromise(t *testing.T) {
	books, err := filepath.Glob("../../testdata/playbooks/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var sum promise
	for _, b := range append(books, "../../playbooks/bootstrap.yml") {
		t.Run(filepath.Base(b), func(t *testing.T) {
			name := "e2e-" + strings.TrimSuffix(filepath.Base(b), ".yml")
			l := up(t, lab.Options{Name: name, Hosts: 3, Image: "plain", Sudo: lab.SudoFree})
			sum.keeps(t, l, book{path: b})
		})
	}
	sum.result(t)
}

// up makes a lab that is gone after the test.
func up(t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	o.Log = os.Stderr
	l, err := lab.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Down(context.Background(), o.Name); err != nil {
			t.Error(err)
		}
	})
	return l
}

// book is a playbook and the options it is played with.
type book struct {
	path string
	args []string
}

// outcome is what a play said of one host.
type outcome struct {
	changes []change.Change
	unknown []string // tasks of which not even the changes are known
	failed  []string
}

// command is gokube playing b on l's hosts, with events as lines of JSON.
func command(t *testing.T, l *lab.Lab, b book, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, slices.Concat([]string{"play", "-i", l.Inventory(), b.path, "--output", "jsonl"}, b.args, args)...)
	cmd.Env = append(os.Environ(), "GOKUBE_E2E_MAIN=1")
	return cmd
}

// play plays b on l's hosts and gives what its events say.
func play(t *testing.T, l *lab.Lab, b book, args ...string) map[string]*outcome {
	t.Helper()
	cmd := command(t, l, b, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	out := read(t, stdout.Bytes())
	for host, o := range out {
		for _, f := range o.failed {
			t.Errorf("%v: %s: %s", args, host, f)
		}
	}
	if err != nil {
		t.Fatalf("gokube %s: %v\n%s", strings.Join(cmd.Args[1:], " "), err, stderr.String())
	}
	return out
}

func read(t *testing.T, lines []byte) map[string]*outcome {
	t.Helper()
	out := map[string]*outcome{}
	for line := range bytes.Lines(lines) {
		var e struct {
			Event, Host, Status, Why string
			ID                       int
			Loop                     bool
			Changes                  []change.Change
			Err                      *struct{ Text, Task string }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if e.Event != "done" {
			continue
		}
		o := out[e.Host]
		if o == nil {
			o = &outcome{}
			out[e.Host] = o
		}
		o.changes = append(o.changes, slices.DeleteFunc(e.Changes, func(c change.Change) bool { return !c.Counts() })...)
		if e.Status == "unknown" && len(e.Changes) == 0 && !e.Loop {
			o.unknown = append(o.unknown, fmt.Sprintf("task %d: %s", e.ID, e.Why))
		}
		if e.Err != nil {
			o.failed = append(o.failed, e.Err.Task+": "+e.Err.Text)
		}
	}
	return out
}
