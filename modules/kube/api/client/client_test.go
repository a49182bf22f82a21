package client_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// Each file holds what a real kubectl said, and after a line of dashes what is made
// of it.
func TestFailuresAreToldInOneLine(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/kubectl/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		said, want, _ := strings.Cut(string(text), "\n----\n")
		got := client.Failure(system.Command("kubectl"), system.Output{Code: 1, Stderr: []byte(said)})
		if got.Error() != strings.TrimSpace(want) {
			t.Errorf("%s\n got %s\nwant %s", f, got, want)
		}
		if strings.HasPrefix(filepath.Base(f), "passing") != client.Passing(got) {
			t.Errorf("%s passes: %t", f, client.Passing(got))
		}
	}
}

func control() *systemtest.Fake {
	f := systemtest.New()
	f.Files["/etc/kubernetes/admin.conf"] = systemtest.File{Text: "x"}
	return f
}

func TestAnAPIThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, asked := control(), 0
		f.Commands["kubectl"] = func(*systemtest.Fake, system.Cmd) system.Output {
			if asked++; asked < 3 {
				return system.Output{Code: 1, Stderr: []byte("The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n")}
			}
			return system.Output{Stdout: []byte(`{"kind":"Pod","metadata":{"name":"p"}}`)}
		}
		c := client.Client{Program: "kubectl", Kubeconfig: "/etc/kubernetes/admin.conf"}
		found, err := c.Listed(t.Context(), f, nil, "pods")
		if err != nil || len(found) != 1 || asked != 3 {
			t.Errorf("%v, %v, asked %d times", found, err, asked)
		}
		asked = 0
		if err := c.Run(t.Context(), f, nil, nil, "delete"); err != nil || asked != 3 {
			t.Errorf("%v, asked %d times", err, asked)
		}
		asked = -100
		if err := c.Run(t.Context(), f, nil, nil, "delete"); !client.Passing(err) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestUntilTellsWhatWasMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		err := client.Until(t.Context(), 10*time.Second, func(context.Context) (string, error) { looks++; return "a thing", nil })
		var over *client.Overdue
		if !errors.As(err, &over) || err.Error() != "not so after 10s: a thing" || looks < 5 {
			t.Errorf("%v after %d looks", err, looks)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Until(ctx, time.Minute, func(context.Context) (string, error) { return "x", nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a wait that was cancelled ended with %v", err)
		}
		mine := errors.New("mine")
		if err := client.Until(t.Context(), time.Minute, func(context.Context) (string, error) { return "", mine }); !errors.Is(err, mine) {
			t.Errorf("a failure ended with %v", err)
		}
	})
}

func TestWhatIsKnownOfACluster(t *testing.T) {
	t.Parallel()
	c := client.Client{Program: "kubectl", Kubeconfig: "/etc/kubernetes/admin.conf"}
	if s, err := c.State(control()); s != client.Live || err != nil {
		t.Errorf("a cluster is %v, %v", s, err)
	}
	if _, err := c.State(systemtest.New()); err == nil {
		t.Error("a bare host has a cluster")
	}
	o := overlay.New(system.ReadOnly(systemtest.New()))
	o.Task("")
	if err := o.Run(t.Context(), system.Command("kubeadm"), system.Closed(system.Holds("/etc/kubernetes/admin.conf", system.Info{}))); err != nil {
		t.Fatal(err)
	}
	if s, err := c.State(o); s != client.Fresh || err != nil {
		t.Errorf("a cluster to come is %v, %v", s, err)
	}
	o.Taint("x", true, system.Path("/etc/kubernetes/admin.conf"))
	if s, err := c.State(o); s != client.Unsure || err != nil {
		t.Errorf("a cluster nobody knows of is %v, %v", s, err)
	}
	id := object.ID{APIVersion: "v1", Kind: "Pod", Name: "p"}
	if c.Begun(o, id) {
		t.Error("nobody changes the pod")
	}
	if err := c.Run(t.Context(), o, []system.Key{id.Key()}, nil, "apply"); err != nil || !c.Begun(o, id) {
		t.Errorf("the pod is changed: %v", err)
	}
}

// A list that is too long for one answer is asked for in parts.
func TestLongListsAreAskedForInParts(t *testing.T) {
	t.Parallel()
	f, asked := control(), 0
	f.Commands["kubectl"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
		if asked++; len(c.Stdin) > 2<<20 {
			t.Errorf("%d bytes are sent at once", len(c.Stdin))
		}
		if strings.Count(string(c.Stdin), "ConfigMap") > 2 { // what it tells of three is too long
			return system.Output{Stdout: make([]byte, system.MaxOutput)}
		}
		return system.Output{Stdout: c.Stdin}
	}
	var all []object.Object
	for i := range 9 {
		o := object.ID{APIVersion: "v1", Kind: "ConfigMap", Namespace: "d", Name: string(rune('a' + i))}.Object()
		o.Fields["data"] = strings.Repeat("x", 300<<10)
		all = append(all, o)
	}
	c := client.Client{Program: "kubectl", Kubeconfig: "/etc/kubernetes/admin.conf"}
	if got, err := c.DryRun(t.Context(), f, all); err != nil || len(got) != 9 || asked != 9 {
		t.Errorf("%d objects, asked %d times, %v", len(got), asked, err)
	}
	f.Commands["kubectl"] = func(*systemtest.Fake, system.Cmd) system.Output {
		return system.Output{Stdout: make([]byte, system.MaxOutput)}
	}
	if _, err := c.Objects(t.Context(), f, all); err == nil || !strings.Contains(err.Error(), "read ConfigMap d/a: it is longer than 4 MiB") {
		t.Errorf("the error is %v", err)
	}
}
