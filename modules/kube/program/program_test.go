package program

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

func TestFind(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	if _, err := Find(t.Context(), f, "kubeadm"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "find kubeadm: it is in none of /usr/local/bin, /usr/bin") {
		t.Errorf("an absent program: %v", err)
	}
	f.Files["/usr/bin/kubeadm"] = systemtest.File{}
	if p, err := Find(t.Context(), f, "kubeadm"); p != "/usr/bin/kubeadm" || err != nil {
		t.Errorf("found %q, %v", p, err)
	}
	o := overlay.New(system.ReadOnly(f))
	o.Taint("an installer", false)
	if _, err := Find(t.Context(), o, "crictl"); !Unknown(err) {
		t.Errorf("a program that may have been brought: %v", err)
	}
	if p, err := Find(t.Context(), o, "kubeadm"); p != "/usr/bin/kubeadm" || err != nil {
		t.Errorf("after an installer %q, %v", p, err)
	}
}

func TestObjectsThatKubectlPrints(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	k := Kubectl{Path: "/usr/bin/kubectl", Config: "/etc/a.conf", Server: "https://x:1"}
	const line = "/usr/bin/kubectl --kubeconfig /etc/a.conf --server https://x:1 --request-timeout 10s -n kube-system get --ignore-not-found -o json Node/a Pod/b"
	for text, want := range map[string]int{
		"\n": 0,
		`{"kind":"Node","metadata":{"name":"a"}}`: 1,
		`{"kind":"List","items":[{"kind":"Node","metadata":{"name":"a"}},{"kind":"Pod","metadata":{"name":"b"}}]}`: 2,
	} {
		f.Commands[line] = systemtest.Prints(text)
		got, err := k.Get(t.Context(), f, "kube-system", "Node/a", "Pod/b")
		if _, ok := got["Node/a"]; err != nil || len(got) != want || want > 0 && !ok {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	f.Commands[line] = systemtest.Fails(1, `Error from server (Forbidden): nodes "a" is forbidden: User "kubernetes-admin" cannot get resource`)
	if _, err := k.Get(t.Context(), f, "kube-system", "Node/a", "Pod/b"); !Forbidden(err) {
		t.Errorf("a refusal: %v", err)
	}
	f.Commands[line] = systemtest.Prints("{")
	if _, err := k.Get(t.Context(), f, "kube-system", "Node/a", "Pod/b"); err == nil || !strings.HasPrefix(err.Error(), "read kubectl's answer") {
		t.Errorf("half an answer: %v", err)
	}
}

func TestAFailureIsToldInKubeadmsWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ out, err, want string }{
		"checks that fail": {"[init] Using\n", "[preflight] Some fatal errors occurred:\n\t[ERROR Port-6443]: Port 6443 is in use\n\t[ERROR Swap]: swap\nTo see the stack trace of this error execute with --v=5 or higher\n",
			"[ERROR Port-6443]: Port 6443 is in use; [ERROR Swap]: swap"},
		"an error":      {"[join] x\n", "W1121 nothing\nerror: discovery.bootstrapToken: Invalid value: \"\"\nTo see the stack trace of this error execute with --v=5 or higher\n", `error: discovery.bootstrapToken: Invalid value: ""`},
		"a phase":       {"", "error execution phase kubelet-start: a Node with name \"k1\" and status \"Ready\" already exists in the cluster.\n", `error execution phase kubelet-start: a Node with name "k1" and status "Ready" already exists in the cluster.`},
		"nothing known": {"one\ntwo\nthree\nfour\n", "", "two; three; four"},
	} {
		err := Explain("kubeadm init", &system.ExitError{Command: "kubeadm init", Output: system.Output{Code: 1, Stdout: []byte(c.out), Stderr: []byte(c.err)}}, "")
		if got := err.Error(); got != "kubeadm init: exit status 1: "+c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	plain := errors.New("no command")
	if !errors.Is(Explain("x", plain, ""), plain) || Explain("x", nil, "") != nil {
		t.Error("an error that is no command's is changed")
	}
}

func TestContainersAreEndedWithWhatTheHostHas(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	if _, err := Stopper(t.Context(), f); err == nil {
		t.Error("ended without any program")
	}
	f.Files["/usr/bin/crictl"] = systemtest.File{}
	f.Commands["/usr/bin/crictl ps -q --name '^kube-scheduler$'"] = systemtest.Prints("abc\n")
	f.Commands["/usr/bin/crictl stop abc"] = systemtest.Prints("abc\n")
	stop, err := Stopper(t.Context(), f)
	if err == nil {
		err = stop(t.Context(), f, "kube-scheduler")
	}
	if err != nil || len(f.Log) != 1 || f.Log[0] != "run /usr/bin/crictl stop abc" {
		t.Errorf("did %q, %v", f.Log, err)
	}
}

func FuzzObjects(f *testing.F) {
	f.Add(`{"kind":"List","items":[{"kind":"Node"}]}`)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = objects(text) })
}

func TestMembersOfEtcd(t *testing.T) {
	t.Parallel()
	got := members("c155f17080f657a7, started, k1, https://10.0.0.1:2380, https://10.0.0.1:2379, false\n1, started, k2, https://10.0.0.2:2380, https://10.0.0.2:2379, true\n2, unstarted, , https://10.0.0.3:2380, , true\nnoise\n")
	if len(got) != 2 || !got["k1"] || got["k2"] {
		t.Errorf("got %v", got)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add("1, started, k1, https://10.0.0.1:2380, https://10.0.0.1:2379, false\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range members(text) {
			if name == "" {
				t.Error("a member without a name")
			}
		}
	})
}

func FuzzSaid(f *testing.F) {
	f.Add("error: x\n[ERROR Swap]: y\n")
	f.Fuzz(func(_ *testing.T, text string) { _ = said(system.Output{Stdout: []byte(text), Stderr: []byte(text)}) })
}
