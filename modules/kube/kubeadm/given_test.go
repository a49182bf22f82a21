package kubeadm_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/kube/kubeadm"
)

// given is what kubeadm reads when args are applied to l.
func given(t *testing.T, l *lab, args module.Args) (docs []map[string]any, out map[string]any) {
	t.Helper()
	p, err := kubeadm.Kubeadm.Plan(t.Context(), l, args)
	if err == nil {
		_, err = p.Apply(t.Context(), l)
	}
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.SplitSeq(l.given, "---\n") {
		var d map[string]any
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		docs = append(docs, d)
	}
	return docs, p.Output
}

func TestAnInitIsGivenItsSecrets(t *testing.T) {
	t.Parallel()
	l := newLab()
	kubelet := map[string]any{"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "cgroupDriver": "systemd"}
	docs, out := given(t, l, module.Args{"version": "1.34.4", "endpoint": "api:6443", "node_name": "n1", "upload_certs": true, "token": module.NewSecret("abcdef.0123456789abcdef"),
		"config": []any{object("JoinConfiguration", nil), object("ClusterConfiguration", map[string]any{"kubernetesVersion": "v1.34.4"}), kubelet}})
	key, _ := out["certificate_key"].(module.Secret)
	if len(key.Reveal()) != 64 {
		t.Errorf("the key is %d characters long", len(key.Reveal()))
	}
	want := []map[string]any{
		object("InitConfiguration", map[string]any{"certificateKey": key.Reveal(), "nodeRegistration": map[string]any{"name": "n1"}, "bootstrapTokens": []any{map[string]any{"token": "abcdef.0123456789abcdef"}}}),
		object("ClusterConfiguration", map[string]any{"kubernetesVersion": "v1.34.4", "controlPlaneEndpoint": "api:6443"}), kubelet,
	}
	if diff := cmp.Diff(want, docs); diff != "" {
		t.Error(diff)
	}
}

func TestAJoinIsGivenWhomToTrust(t *testing.T) {
	t.Parallel()
	docs, _ := given(t, newLab(), joinArgs("control_plane", module.Args{"certificate_key": module.NewSecret("k"), "config": []any{object("JoinConfiguration", map[string]any{
		"controlPlane": map[string]any{"localAPIEndpoint": map[string]any{"advertiseAddress": "10.0.0.2"}}}), object("ClusterConfiguration", nil)}}))
	want := object("JoinConfiguration", map[string]any{
		"controlPlane": map[string]any{"certificateKey": "k", "localAPIEndpoint": map[string]any{"advertiseAddress": "10.0.0.2"}},
		"discovery":    map[string]any{"bootstrapToken": map[string]any{"apiServerEndpoint": "10.0.0.1:6443", "caCertHashes": []any{ours}, "token": "abcdef.0123456789abcdef"}}})
	if diff := cmp.Diff([]map[string]any{want}, docs); diff != "" {
		t.Error(diff)
	}
	docs, _ = given(t, newLab(), joinArgs("worker", module.Args{"config": []any{object("JoinConfiguration", map[string]any{"controlPlane": map[string]any{}})}}))
	if docs[0]["controlPlane"] != nil {
		t.Errorf("a worker is given %v", docs[0])
	}
}

// A control plane that has its kubeconfig can finish its join when nobody makes a
// token for it any more.
func TestAJoinIsFinishedWithoutAToken(t *testing.T) {
	t.Parallel()
	l := newLab()
	l.keep(pieces())
	l.node(true, false, "v1.34.4")
	l.etcd = "true"
	docs, _ := given(t, l, module.Args{"state": "joined", "role": "control_plane", "endpoint": "10.0.0.1:6443"})
	want := object("JoinConfiguration", map[string]any{"controlPlane": map[string]any{}, "discovery": map[string]any{"file": map[string]any{"kubeConfigPath": etc + "admin.conf"}}})
	if diff := cmp.Diff([]map[string]any{want}, docs); diff != "" {
		t.Error(diff)
	}
}

// What a kubeadm does that a lost run has left behind is seen before anything is done.
func TestAKubeadmAtWorkIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := newLab()
	l.Files["/proc/77/comm"] = file(0o444, "kubeadm\n")
	l.Files["/proc/78/comm"] = file(0o444, "kubelet\n")
	p, err := kubeadm.Kubeadm.Plan(t.Context(), l, initArgs(nil))
	if err != nil || len(p.Steps) != 1 || p.Steps[0].Action != change.Wait {
		t.Fatalf("planned %+v, %v", p, err)
	}
	delete(l.Files, "/proc/77/comm")
	if _, err := p.Apply(t.Context(), l); !errors.Is(err, fs.ErrExist) {
		t.Errorf("after the wait: %v", err)
	}
	if p, err = kubeadm.Kubeadm.Plan(t.Context(), l, initArgs(nil)); err != nil || len(p.Steps) != 1 || p.Steps[0].Action != change.Create {
		t.Errorf("planned then %+v, %v", p, err)
	}
}
