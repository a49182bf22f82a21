//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab"
)

// faultLab is two hosts whose sudo asks for a password, and a home for the
// controller; host1 is the one that things happen to.
type faultLab struct {
	*lab.Lab
	home string
}

func newFaultLab(t *testing.T) *faultLab {
	t.Helper()
	const name = "e2e-faults"
	l, err := lab.Up(t.Context(), lab.Options{Name: name, Hosts: 2, Image: "plain", Sudo: lab.SudoPassword, Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Down(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	return &faultLab{Lab: l, home: t.TempDir()}
}

// sh runs a script as root on host1 and gives its output.
func (l *faultLab) sh(t *testing.T, script string) string {
	t.Helper()
	out, err := l.Exec(context.Background(), "host1", "sh", "-c", script)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// await runs a script as root on host1 until it succeeds.
func (l *faultLab) await(t *testing.T, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if _, err := l.Exec(ctx, "host1", "sh", "-c", script); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for: %s", script)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// file writes a file for the controller and gives its path.
func (l *faultLab) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(l.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// controller is one gokube at work.
type controller struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr bytes.Buffer
}

// start starts gokube; the inventory is given behind the first word of args.
func (l *faultLab) start(t *testing.T, args ...string) *controller {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &controller{}
	c.cmd = exec.CommandContext(t.Context(), self, append([]string{args[0], "-i", l.Inventory()}, args[1:]...)...)
	c.cmd.Env = append(os.Environ(), "GOKUBE_E2E_MAIN=1", "HOME="+l.home, "SSH_AUTH_SOCK=")
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// end waits for gokube and gives all it said; it must end with code.
func (c *controller) end(t *testing.T, code int) string {
	t.Helper()
	err := c.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	all := c.stdout.String() + c.stderr.String()
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d\n%s", got, code, all)
	}
	return all
}

// play plays a playbook of the tasks on all hosts.
func (l *faultLab) play(t *testing.T, code int, tasks string, args ...string) string {
	t.Helper()
	return l.start(t, append([]string{"play", l.book(t, tasks)}, args...)...).end(t, code)
}

func (l *faultLab) book(t *testing.T, tasks string) string {
	t.Helper()
	text := "- hosts: all\n  gather_facts: false\n  tasks:\n    " + strings.ReplaceAll(strings.TrimSpace(tasks), "\n", "\n    ") + "\n"
	return l.file(t, strings.ReplaceAll(t.Name(), "/", "-")+".yml", text)
}

// says fails unless out holds every one of parts.
func says(t *testing.T, out string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(out, p) {
			t.Errorf("%q is not said in\n%s", p, out)
		}
	}
}
