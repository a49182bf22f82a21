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

// promise is the figures of the RESULT line.
type promise struct {
	playbooks, certain, possible, done, wrong, unknown, second int
}

// TestPromise plays every playbook on fresh hosts: check, run, run, check.
func TestPromise(t *testing.T) {
	books, err := filepath.Glob("../../testdata/playbooks/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	builtin, err := filepath.Glob("../../playbooks/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var sum promise
	for _, b := range append(books, builtin...) {
		t.Run(filepath.Base(b), func(t *testing.T) { sum.play(t, b) })
	}
	if most := sum.certain + sum.possible; most > 0 && sum.certain*100 < most*95 {
		t.Errorf("only %d of %d changes are certain", sum.certain, most)
	}
	fmt.Printf("RESULT playbooks=%d certain=%d possible=%d done=%d wrong=%d unknown=%d second_run_changed=%d\n",
		sum.playbooks, sum.certain, sum.possible, sum.done, sum.wrong, sum.unknown, sum.second)
}

func (p *promise) play(t *testing.T, book string) {
	name := "e2e-" + strings.TrimSuffix(filepath.Base(book), ".yml")
	l, err := lab.Up(t.Context(), lab.Options{Name: name, Hosts: 3, Image: "plain", Sudo: lab.SudoFree, Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Down(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	p.playbooks++
	check := play(t, l, book, "--check", "--diff")
	p.untouched(t, l, "the first check")
	run := play(t, l, book, "--diff")
	for _, h := range l.Hosts() {
		p.compare(t, l, h.Name, check[h.Name], run[h.Name])
	}
	for _, what := range []struct {
		name string
		args []string
	}{{"second run", []string{"--diff"}}, {"second check", []string{"--check", "--diff"}}} {
		for host, again := range play(t, l, book, what.args...) {
			for _, c := range again.changes {
				t.Errorf("%s: %s: %s %s %s %s", host, what.name, c.Action, c.Kind, c.Target, c.Doubt)
				p.second++
			}
			for _, u := range again.unknown {
				t.Errorf("%s: %s: unknown: %s", host, what.name, u)
			}
		}
	}
}

// outcome is what a play said of one host.
type outcome struct {
	changes []change.Change
	unknown []string // tasks of which not even the changes are known
	failed  []string
}

// play plays book on l's hosts and gives what its events say.
func play(t *testing.T, l *lab.Lab, book string, args ...string) map[string]*outcome {
	t.Helper()
	argv := append([]string{"play", "-i", l.Inventory(), book, "--output", "jsonl"}, args...)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, argv...)
	cmd.Env = append(os.Environ(), "GOKUBE_E2E_MAIN=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	out := read(t, stdout.Bytes())
	for host, o := range out {
		for _, f := range o.failed {
			t.Errorf("%v: %s: %s", args, host, f)
		}
	}
	if err != nil {
		t.Fatalf("gokube %s: %v\n%s", strings.Join(argv, " "), err, stderr.String())
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

// untouched fails unless not one file of any host has changed.
func (p *promise) untouched(t *testing.T, l *lab.Lab, what string) {
	t.Helper()
	for _, h := range l.Hosts() {
		changes, err := l.Changes(h.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			t.Errorf("%s changed %s on %s", what, c.Path, h.Name)
			p.wrong++
		}
	}
}

// compare holds a run to what the check promised, and to what the host's disk shows.
func (p *promise) compare(t *testing.T, l *lab.Lab, host string, check, run *outcome) {
	t.Helper()
	if check == nil || run == nil {
		t.Fatalf("%s: no outcome", host)
	}
	for _, c := range check.changes {
		if c.Certain() {
			p.certain++
		} else {
			t.Logf("%s: possible: %s %s %s: %s", host, c.Action, c.Kind, c.Target, c.Doubt)
			p.possible++
		}
	}
	for _, u := range check.unknown {
		t.Logf("%s: unknown: %s", host, u)
		p.unknown++
	}
	p.done += len(run.changes)
	for _, b := range change.Broken(check.changes, run.changes) {
		t.Errorf("%s: promise broken: %s", host, b)
		p.wrong++
	}
	for _, path := range unannounced(t, l, host, run.changes) {
		t.Errorf("%s: changed without being announced: %s", host, path)
		p.wrong++
	}
}
