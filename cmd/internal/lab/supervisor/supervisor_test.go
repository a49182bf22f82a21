//go:build linux

package supervisor

import (
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/lab/network"
)

// listening is a supervisor of hosts that are off.
func listening(t *testing.T, names ...string) (socket string) {
	t.Helper()
	s := &supervisor{log: log.New(io.Discard, "", 0)}
	for _, n := range names {
		s.hosts = append(s.hosts, &host{name: n, cable: new(network.Cable), last: "killed", boots: 2})
	}
	socket = filepath.Join(t.TempDir(), "s")
	if err := s.listen(t.Context(), socket); err != nil {
		t.Fatal(err)
	}
	return socket
}

func TestStatusIsAnsweredOverTheSocket(t *testing.T) {
	t.Parallel()
	r, err := Call(t.Context(), listening(t, "host1"), Request{Op: Status})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]HostStatus{{Name: "host1", Boots: 2, Last: "killed"}}, r.Hosts); d != "" {
		t.Error(d)
	}
}

func TestRequestsThatCannotBeDoneAreRefused(t *testing.T) {
	t.Parallel()
	socket := listening(t, "host1")
	for want, req := range map[string]Request{
		`host "x"`: {Op: Kill, Host: "x"},
		`do "dig"`: {Op: "dig", Host: "host1"},
		"has none": {Op: Faults},
	} {
		if _, err := Call(t.Context(), socket, req); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if _, err := Call(t.Context(), socket, Request{Op: Kill, Host: "host1"}); err != nil {
		t.Errorf("a host that is off cannot be killed: %v", err)
	}
}

func TestEndOfABootSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	// A test that is run by nohup would hand on that hang-ups are ignored.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	for name, want := range map[string]string{"HUP": "rebooted", "INT": "powered off", "KILL": "killed"} {
		cmd := exec.Command("/bin/sh", "-c", "kill -"+name+" $$; sleep 9")
		_ = cmd.Run()
		if got := ending(cmd.ProcessState); got != want || rebooted(cmd.ProcessState) != (name == "HUP") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestStarterThatDiesEndsTheLabAndOneThatKeepsItDoesNot(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	ctx, cancel := watch(r)
	defer cancel()
	w.Close()
	<-ctx.Done()

	r, w = io.Pipe()
	kept, cancel := watch(r)
	defer cancel()
	if _, err := w.Write([]byte{'k'}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	select {
	case <-kept.Done():
		t.Error("a lab that is to stay ended with its starter")
	case <-time.After(10 * time.Millisecond):
	}
}

func TestOnlyTheFirstWordOfAStartCounts(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = tell(w, nil)
	_ = tell(w, io.EOF)
	if got, _ := io.ReadAll(r); string(got) != "ok" {
		t.Errorf("%q", got)
	}
}
