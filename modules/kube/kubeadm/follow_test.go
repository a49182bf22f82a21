package kubeadm_test

import (
	"strings"
	"testing"

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
	return file(0o600, "    - --audit-log-maxage=30\n    - --etcd-servers="+strings.Join(endpoints, ",")+"\n    image: registry.k8s.io/kube-apiserver:v1.34.4\n")
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
		{Name: "on another control plane", Host: beside(outside[0]), Args: joinArgs("control_plane", etcdArgs("ca", outside...)), Want: []change.Change{phase, wait}, Then: moduletest.Then{Ran: []string{line}}},
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
