//go:build e2e && linux

package lab

import (
	"os"
	"strings"
	"testing"
)

func TestHostsReachTheMirrorAndItFailsAsTold(t *testing.T) {
	o := options("e2emirror", os.Stderr)
	o.Mirror, o.Faults = true, []string{"404:/kubeadm"}
	l := up(t, o)
	ask := func(path string) string {
		t.Helper()
		cmd, err := l.Command(t.Context(), "host1", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "http://"+l.Mirror()+path)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := cmd.Output()
		return string(out)
	}
	const binaries = "/dl.k8s.io/release/v1.34.4/bin/linux/amd64/"
	for path, want := range map[string]string{
		binaries + "kubeadm":                            "404 ",
		binaries + "kubelet.sha256":                     "200 64",
		"/v2/pause/manifests/3.10.1?ns=registry.k8s.io": "200 ",
		"/v2/none/manifests/1":                          "404 ",
	} {
		if got := ask(path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if err := l.SetMirrorFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(binaries + "kubeadm"); !strings.HasPrefix(got, "200 ") {
		t.Error(got)
	}
}
