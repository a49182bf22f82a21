//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// interruptions is how often the first run is interrupted.
const interruptions = 20

// TestClusterInterrupted makes clusters although the controller is killed, hosts
// die and the network fails, at moments that nobody chose; GOKUBE_E2E_SEED repeats
// them. What was begun is finished: it stays the same cluster. A cluster that is
// ready before all that has happened makes room for the next.
func TestClusterInterrupted(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("GOKUBE_E2E_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("GOKUBE_E2E_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for n := 0; n < interruptions && !t.Failed(); {
		t.Run(fmt.Sprintf("from %d", n), func(t *testing.T) {
			i := &interrupter{cluster: &cluster{clusterLab(t, "e2e-kill", 5), "host1"}, book: grouped(t, "ha"), rand: random}
			for n < interruptions && i.once(t, n) {
				n++
				i.same(t)
			}
			i.finish(t)
		})
	}
}

// interrupter plays a book that something happens to.
type interrupter struct {
	*cluster
	book book
	rand *rand.Rand
	ca   string // the cluster's, from when it was first seen
}

// finish lets a run come to its end, and has the cluster prove itself.
func (i *interrupter) finish(t *testing.T) {
	play(t, i.Lab, i.book)
	i.same(t)
	i.works(t, 5)
	i.members(t, "host1", 3)
	i.serves(t)
	var sum promise
	sum.settled(t, "run after the last", play(t, i.Lab, i.book, "--diff"))
}

// once starts to play and lets one thing happen; false if the run came to its end
// before.
func (i *interrupter) once(t *testing.T, n int) bool {
	cmd := command(t, i.Lab, i.book)
	var events bytes.Buffer
	cmd.Stdout = &events
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	after := time.Duration(1+i.rand.IntN(12000)) * time.Millisecond
	select {
	case err := <-ended:
		t.Logf("%d: the run ended before anything happened: %v", n, err)
		i.fine(t, err, events.Bytes())
		return false
	case <-time.After(after): // the moment is the point
	}
	host := i.Hosts()[i.rand.IntN(5)].Name
	what := []struct {
		name string
		do   func() error
	}{
		{"gokube is killed", cmd.Process.Kill},
		{host + " is killed", func() error { return i.off(t.Context(), host) }},
		{host + " is cut off", func() error { return i.cut(t.Context(), host, ended) }},
	}[n%3]
	t.Logf("%d: after %v %s", n, after, what.name)
	if err := what.do(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	if len(ended) == 0 || n%3 == 0 {
		<-ended
	}
	return true
}

// fine fails for a run that nothing happened to and that failed all the same.
func (i *interrupter) fine(t *testing.T, err error, events []byte) {
	t.Helper()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return
	}
	t.Errorf("it failed: %v", err)
	for host, o := range read(t, events) {
		t.Errorf("%s: %v", host, o.failed)
	}
}

func (i *interrupter) off(ctx context.Context, host string) error {
	if err := i.Kill(ctx, host); err != nil {
		return err
	}
	return i.Start(ctx, host)
}

// cut cuts a host off for long enough to be noticed.
func (i *interrupter) cut(ctx context.Context, host string, ended chan error) error {
	if err := i.Partition(ctx, host); err != nil {
		return err
	}
	select {
	case err := <-ended:
		ended <- err
	case <-time.After(time.Duration(1+i.rand.IntN(30)) * time.Second):
	}
	return i.Heal(ctx, host)
}

// same fails if the cluster that was begun is another by now.
func (i *interrupter) same(t *testing.T) {
	t.Helper()
	ca := strings.TrimSpace(i.try("host1", "sha256sum < /etc/kubernetes/pki/ca.crt"))
	if strings.Contains(ca, "such file") {
		ca = ""
	}
	if i.ca == "" {
		i.ca = ca
	}
	if ca != i.ca {
		t.Fatalf("the cluster has another CA: %s, before %s", ca, i.ca)
	}
}
