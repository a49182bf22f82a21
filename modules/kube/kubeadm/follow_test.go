package kubeadm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/kubeadm"
)

// outside are the endpoints of an etcd that runs on its own, once a host has joined it.
var outside = []string{"https://10.0.0.1:2379", "https://10.0.0.2:2379"}

// asks is the manifest of an API server of such an etcd.
func asks(endpoints ...string) systemtest.File {
	return pod("kube-apiserver", "--audit-log-maxage=30", "--etcd-servers="+strings.Join(endpoints, ","))
}

// external is the part of a configuration that says so.
func external(ca string, endpoints ...string) map[string]any {
	list := make([]any, len(endpoints))
	for i, e := range endpoints {
		list[i] = e
	}
	return map[string]any{"etcd": map[string]any{"external": map[string]any{"endpoints": list, "caFile": ca, "certFile": "c", "keyFile": "k"}}}
}

// beside is a member of a cluster whose etcd runs on its own.
func beside(endpoints ...string) func() *systemtest.Fake {
	return member(func(l *lab) {
		l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.34.4", "30") +
			"etcd:\n  external:\n    caFile: ca\n    certFile: c\n    endpoints: [" + strings.Join(endpoints, ", ") + "]\n    keyFile: k\n"}})
		l.Files[etc+"manifests/kube-apiserver.yaml"] = asks(endpoints...)
	})
}

func etcdArgs(ca string, endpoints ...string) module.Args {
	return module.Args{"version": "1.34.4", "config": clusterOf(external(ca, endpoints...))}
}

func TestMembersOfAnEtcdOnItsOwn(t *testing.T) {
	t.Parallel()
	text := func(endpoints ...string) *change.Value {
		return change.Attrs().WithText([]byte("apiServer:\n  extraArgs:\n    - name: audit-log-maxage\n      value: \"30\"\napiVersion: kubeadm.k8s.io/v1beta4\ncertificatesDir: /etc/kubernetes/pki\ndns: {}\n"+
			"etcd:\n  external:\n    caFile: ca\n    certFile: \"c\"\n    endpoints:\n      - "+strings.Join(endpoints, "\n      - ")+"\n    keyFile: \"k\"\nkind: ClusterConfiguration\n"+
			"kubernetesVersion: v1.34.4\nnetworking:\n  podSubnet: \"10.244.0.0/16\"\n  serviceSubnet: \"10.96.0.0/12\"\n"), "")
	}
	phase := change.Change{Action: change.Update, Kind: "phase", Target: "control-plane apiserver", After: change.Attrs("on", "k1")}
	follows := change.Change{Action: change.Update, Kind: "phase", Target: "control-plane apiserver", After: change.Attrs("on", "k1", "found", "other endpoints of etcd")}
	wait := change.Change{Action: change.Wait, Kind: "static pod", Target: "kube-apiserver"}
	const line = "/usr/local/bin/kubeadm init phase control-plane apiserver --config /dev/stdin"
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "one more", Host: beside(outside[0]), Args: etcdArgs("ca", outside...), Want: []change.Change{phase, wait,
			{Action: change.Update, Kind: "configuration", Target: "kubeadm-config", Before: text(outside[0]), After: text(outside...)}},
			Then: moduletest.Then{Ran: []string{line, "/usr/local/bin/kubeadm init phase upload-config kubeadm --config /dev/stdin"}}},
		{Name: "in another order", Host: beside(outside...), Args: etcdArgs("ca", outside[1], outside[0]), Then: moduletest.Then{Ran: []string{}}},
		{Name: "none stays", Host: beside(outside[0]), Args: etcdArgs("ca", "https://10.0.0.9:2379"), Err: "etcd.external.endpoints are [https://10.0.0.1:2379] and cannot become [https://10.0.0.9:2379] at once: none of them stays"},
		{Name: "another CA", Host: beside(outside[0]), Args: etcdArgs("other", outside[0]), Err: "etcd.external.caFile is ca and cannot become other here: keep it"},
		{Name: "beside the control planes no more", Host: member(nil), Args: etcdArgs("ca", outside...), Err: "etcd.external.caFile is <nil> and cannot become ca here"},
		{Name: "on another control plane", Host: beside(outside[0]), Args: joinArgs("control_plane", etcdArgs("ca", outside...)), Want: []change.Change{follows, wait}, Then: moduletest.Then{Ran: []string{line}}},
		{Name: "on another control plane that knows them", Host: beside(outside[1], outside[0]), Args: joinArgs("control_plane", etcdArgs("ca", outside...)), Then: moduletest.Then{Ran: []string{}}},
	})
}

// A worker's kubelet runs with what the task says, or else with what the cluster keeps.
func TestAWorkersKubeletFollows(t *testing.T) {
	t.Parallel()
	kept := func(more string) func() *systemtest.Fake {
		return worker(func(l *lab) {
			l.put("ConfigMap/kubelet-config", map[string]any{"data": map[string]any{"kubelet": kubeletText + more}})
		})
	}
	wanted := joinArgs("worker", module.Args{"config": []any{object("JoinConfiguration", nil), map[string]any{"kind": "KubeletConfiguration", "maxPods": 250}}})
	changes := []change.Change{
		{Action: change.Update, Kind: "file", Target: "/var/lib/kubelet/config.yaml", Before: change.Attrs().WithText(kubelet(""), ""), After: change.Attrs().WithText(kubelet("maxPods: 250\n"), "")},
		{Action: change.Run, Kind: "unit", Target: "kubelet.service", After: change.Attrs("state", "restarted", "found", "its configuration is another")},
	}
	ran := moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm upgrade node phase kubelet-config", "systemctl restart kubelet.service"}}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "the task", Host: kept(""), Args: wanted, Want: changes, Then: ran},
		{Name: "the task, without kubectl", Host: worker(func(l *lab) { delete(l.Files, "/usr/local/bin/kubectl") }), Args: wanted, Want: changes, Then: ran},
		{Name: "the cluster", Host: kept("maxPods: 250\n"), Args: joinArgs("worker", nil), Want: changes, Then: ran},
		{Name: "as it is", Host: kept(""), Args: joinArgs("worker", nil), Then: moduletest.Then{Ran: []string{}}},
		{Name: "a silent cluster", Host: worker(func(l *lab) { l.down = refused }), Args: wanted, Then: moduletest.Then{Ran: []string{}}},
	})
}

// What a configuration says no more is taken away on every control plane.
func TestArgumentsOfStaticPods(t *testing.T) {
	t.Parallel()
	plane := func(found string) []change.Change {
		return []change.Change{{Action: change.Update, Kind: "phase", Target: "control-plane apiserver", After: change.Attrs("on", "k1", "found", found)}, {Action: change.Wait, Kind: "static pod", Target: "kube-apiserver"}}
	}
	runs := func(pods string, args ...string) func() *systemtest.Fake {
		return member(func(l *lab) { l.Files[etc+"manifests/"+pods+".yaml"] = pod(pods, args...) })
	}
	const line = "/usr/local/bin/kubeadm init phase control-plane apiserver --config /dev/stdin"
	ran := moduletest.Then{Ran: []string{line}, Files: map[string]systemtest.File{etc + "manifests/kube-apiserver.yaml": pod("kube-apiserver", "--audit-log-maxage=30")}}
	joins := func() module.Args { return joinArgs("control_plane", initArgs(nil)) }
	patched := joinArgs("control_plane", initArgs(module.Args{"config": append(clusterOf(nil), object("JoinConfiguration", map[string]any{"patches": map[string]any{"directory": "/etc/kubernetes/patches"}}))}))
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "as they are", Host: member(nil), Args: joins(), Then: moduletest.Then{Ran: []string{}}},
		{Name: "one was removed", Host: runs("kube-apiserver", "--audit-log-maxage=30", "--v=4"), Args: joins(), Want: plane("--v=4 is not in the configuration"), Then: ran},
		{Name: "one was removed, where the cluster was made", Host: runs("kube-apiserver", "--audit-log-maxage=30", "--v=4"), Args: initArgs(nil), Want: plane("--v=4 is not in the configuration"), Then: ran},
		{Name: "one has another value", Host: runs("kube-apiserver", "--audit-log-maxage=60"), Args: joins(), Want: plane("--audit-log-maxage=30 is missing"), Then: ran},
		{Name: "of the scheduler", Host: runs("kube-scheduler", "--bind-address=0.0.0.0", "--kubeconfig=/etc/kubernetes/scheduler.conf"), Args: joins(),
			Want: []change.Change{{Action: change.Update, Kind: "phase", Target: "control-plane scheduler", After: change.Attrs("on", "k1", "found", "--bind-address=0.0.0.0 is not in the configuration")}}},
		{Name: "one is a patch's", Host: member(func(l *lab) {
			l.Files[etc+"manifests/kube-apiserver.yaml"] = pod("kube-apiserver", "--audit-log-maxage=30", "--v=4")
			l.Files["/etc/kubernetes/patches/kube-apiserver0+json.yaml"] = file(0o600, "[{op: add, path: /spec/containers/0/command/-, value: --v=4}]")
			l.Files["/etc/kubernetes/patches/etcd.yaml"] = file(0o600, "--v=4")
		}), Args: patched, Then: moduletest.Then{Ran: []string{}}},
	})
}

// A host's own settings of its kubelet are laid over the cluster's, and patches over
// what kubeadm writes.
func TestSettingsOfOneKubelet(t *testing.T) {
	t.Parallel()
	const own = "/etc/kubernetes/kubelet.conf.d/"
	wants := func(more ...any) module.Args {
		return joinArgs("worker", module.Args{"config": append([]any{map[string]any{"kind": "KubeletConfiguration", "maxPods": 250}}, more...)})
	}
	patches := object("JoinConfiguration", map[string]any{"patches": map[string]any{"directory": "/etc/kubernetes/patches"}})
	changes := []change.Change{
		{Action: change.Update, Kind: "file", Target: "/var/lib/kubelet/config.yaml", Before: change.Attrs().WithText(kubelet(""), ""), After: change.Attrs().WithText(kubelet("maxPods: 250\n"), "")},
		{Action: change.Run, Kind: "unit", Target: "kubelet.service", After: change.Attrs("state", "restarted", "found", "its configuration is another")},
	}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "the same", Host: worker(func(l *lab) { l.Files[own+"10-host.conf"] = file(0o644, "maxPods: 250\n") }), Args: wants(), Then: moduletest.Then{Ran: []string{}}},
		{Name: "others", Host: worker(func(l *lab) { l.Files[own+"10-host.conf"] = file(0o644, "maxPods: 50\n") }), Args: wants(), Then: moduletest.Then{Ran: []string{}}},
		{Name: "no settings", Host: worker(func(l *lab) {
			l.Files[own+"10-host.conf.bak"] = file(0o644, "maxPods: 50\n")
			l.Files[own+"old.conf"] = systemtest.Dir()
		}), Args: wants(), Want: changes},
		{Name: "patches", Host: worker(nil), Args: wants(patches), Want: changes,
			Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm upgrade node phase kubelet-config --patches /etc/kubernetes/patches", "systemctl restart kubelet.service"}}},
	})
}

// What kubeadm writes when it upgrades is patched, too.
func TestPatchesOfAnUpgrade(t *testing.T) {
	t.Parallel()
	join := object("JoinConfiguration", map[string]any{"patches": map[string]any{"directory": "/p"}})
	older := func(l *lab) {
		l.keep(map[string]systemtest.File{etc + "kubelet.conf": file(0o600, "kubelet-client-current.pem"), "/var/lib/kubelet/config.yaml": file(0o644, kubeletText)})
		l.node(true, false, "v1.33.1")
		l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.34.4", "")}})
	}
	changes := []change.Change{{Action: change.Update, Kind: "member", Target: "k1", Before: change.Attrs("version", "v1.33.1"), After: change.Attrs("version", "v1.34.4", "by", "kubeadm upgrade node")}}
	args := func(docs ...any) module.Args {
		return module.Args{"state": "upgraded", "version": "v1.34.4", "config": docs}
	}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "by an option", Host: with(older), Args: args(join), Want: changes, Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm upgrade node --patches /p"}}},
	})
	l := newLab()
	older(l)
	docs, _ := given(t, l, args(join, object("UpgradeConfiguration", map[string]any{"node": map[string]any{"etcdUpgrade": false}})))
	want := object("UpgradeConfiguration", map[string]any{"node": map[string]any{"etcdUpgrade": false, "patches": map[string]any{"directory": "/p"}}})
	if diff := cmp.Diff([]map[string]any{want}, docs); diff != "" {
		t.Error(diff)
	}
}

func TestARefusalSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]string{
		`error: could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"`:                                     "the cluster at 10.0.0.1:6443 knows no such token, or it has expired (see token; kube_token makes one): /usr/local/bin/kubeadm join: exit status 1",
		`error: cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:1111111111111111111" are pinned`: "the CA of the cluster at 10.0.0.1:6443 is not the one that is wanted (see ca_hash, and endpoint): ",
	} {
		moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{{Name: want[:20], Host: with(func(l *lab) { l.fails = says }), Args: joinArgs("worker", nil), Want: []change.Change{joins("worker")}, Err: want}})
	}
}
