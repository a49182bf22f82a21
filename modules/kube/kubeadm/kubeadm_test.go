package kubeadm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/kubeadm"
)

func with(more func(l *lab)) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		l := newLab()
		if more != nil {
			more(l)
		}
		return l.Fake
	}
}

// member is a control plane of a cluster that is well.
func member(more func(l *lab)) func() *systemtest.Fake {
	return with(func(l *lab) {
		l.keep(pieces())
		l.begun()
		if more != nil {
			more(l)
		}
	})
}

// worker is one of a cluster that is well.
func worker(more func(l *lab)) func() *systemtest.Fake {
	return with(func(l *lab) {
		l.keep(map[string]systemtest.File{pki + "ca.crt": cert(ours), etc + "kubelet.conf": file(0o600, "kubelet-client-current.pem"), "/var/lib/kubelet/kubeadm-flags.env": file(0o644, "X"), "/var/lib/kubelet/config.yaml": file(0o644, kubeletText)})
		l.node(true, false, "v1.34.4")
		if more != nil {
			more(l)
		}
	})
}

func object(kind string, more map[string]any) map[string]any {
	out := map[string]any{"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": kind}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// clusterOf is a configuration of a cluster.
func clusterOf(more map[string]any) []any {
	c := object("ClusterConfiguration", map[string]any{"networking": map[string]any{"podSubnet": "10.244.0.0/16"},
		"apiServer": map[string]any{"extraArgs": []any{map[string]any{"name": "audit-log-maxage", "value": "30"}}}})
	for k, v := range more {
		c[k] = v
	}
	return []any{c}
}

func initArgs(more module.Args) module.Args {
	a := module.Args{"version": "1.34.4", "config": clusterOf(nil)}
	for k, v := range more {
		a[k] = v
	}
	return a
}

const configText = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
---
apiServer:
  extraArgs:
    - name: audit-log-maxage
      value: "30"
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.4
networking:
  podSubnet: "10.244.0.0/16"
`

func begins(pairs ...string) change.Change {
	return change.Change{Action: change.Create, Kind: "cluster", Target: "k1", After: change.Attrs(pairs...).WithText([]byte(configText), "")}
}

func removed(p, why string) change.Change {
	return change.Change{Action: change.Delete, Kind: "file", Target: p, Before: change.Attrs("leftover", why)}
}

func started() change.Change {
	return change.Change{Action: change.Update, Kind: "unit", Target: "kubelet.service", Before: change.Attrs("active", "no"), After: change.Attrs("active", "yes")}
}

const (
	initLine = "/usr/local/bin/kubeadm init --config /dev/stdin --skip-token-print --skip-certificate-key-print"
	again    = "kubeadm init again; its certificates, keys and kubeconfigs are used"
	ignored  = " --ignore-preflight-errors DirAvailable--var-lib-etcd,FileAvailable--etc-kubernetes-manifests-etcd.yaml,FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml," +
		"FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml,FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml," +
		"FileAvailable--etc-kubernetes-bootstrap-kubelet.conf,FileAvailable--etc-kubernetes-kubelet.conf,FileAvailable--etc-kubernetes-pki-ca.crt," +
		"Port-6443,Port-10250,Port-10257,Port-10259,Port-2379,Port-2380"
	stages  = "preflight,certs,kubeconfig,etcd,control-plane,kubelet-start,wait-control-plane"
	refused = "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n"
)

func TestInitialized(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, kubeadm.Kubeadm)
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "on a bare host", Host: with(nil), Args: initArgs(nil), Want: []change.Change{begins()},
			Then:   moduletest.Then{Ran: []string{initLine}, Files: map[string]systemtest.File{etc + "admin.conf": file(0o600, "admin")}},
			Output: map[string]any{"node": "k1", "found": "bare"}},
		{Name: "with copied certificates and phases left out", Host: with(func(l *lab) {
			l.Files[pki+"ca.crt"], l.Files[pki+"ca.key"] = cert(ours), file(0o600, "KEY")
		}), Args: initArgs(module.Args{"skip_phases": []any{"addon/kube-proxy"}, "ignore_preflight_errors": []any{"Swap", "NumCPU"}, "upload_certs": true, "certificate_key": module.NewSecret(strings.Repeat("a", 64))}),
			Want: []change.Change{begins()}, Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm init --config /dev/stdin --skip-token-print --skip-certificate-key-print --skip-phases addon/kube-proxy --ignore-preflight-errors Swap,NumCPU --upload-certs"}}},
		{Name: "as it is", Host: member(nil), Args: initArgs(nil), Output: map[string]any{"found": "member"}, Then: moduletest.Then{Ran: []string{}}},
		{Name: "with its kubelet stopped", Host: member(func(l *lab) { l.Set("kubelet.service", system.Unit{Enabled: true}) }), Args: initArgs(nil),
			Want: []change.Change{started()}, Then: moduletest.Then{Ran: []string{"systemctl start kubelet.service"}}},
		{Name: "stopped among the kubeconfigs", Host: with(func(l *lab) {
			all := pieces()
			l.keep(map[string]systemtest.File{pki + "ca.crt": all[pki+"ca.crt"], pki + "ca.key": all[pki+"ca.key"], etc + "admin.conf": all[etc+"admin.conf"], pki + "sa.key": file(0o600, "KEY"), etc + "scheduler.conf": file(0o600, "")})
			l.down = refused
		}), Args: initArgs(nil), Want: []change.Change{
			removed(pki+"sa.key", pki+"sa.pub is missing"), removed(etc+"scheduler.conf", "it is empty"),
			begins("found", "an init that did not come to its end: admin.conf, scheduler.conf there, controller-manager.conf, kubelet.conf, kube-apiserver.yaml, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member missing; the cluster does not answer", "does", again),
		}, Output: map[string]any{"found": "half-done"}},
		{Name: "stopped before its API answered", Host: with(func(l *lab) {
			l.keep(pieces())
			l.Files[etc+"kubelet.conf"] = file(0o600, "client-certificate-data: AAAA")
			l.down = refused
		}), Args: initArgs(nil), Want: []change.Change{
			begins("found", "an init that did not come to its end: admin.conf, controller-manager.conf, scheduler.conf, kubelet.conf, kubeadm-flags.env, kube-apiserver.yaml, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member there; the cluster does not answer", "does", again)}},
		{Name: "stopped among the addons", Host: member(func(l *lab) { delete(l.objects, "Deployment/coredns") }), Args: initArgs(nil), Want: []change.Change{
			begins("found", "an init that did not come to its end: admin.conf, controller-manager.conf, scheduler.conf, kubelet.conf, kubeadm-flags.env, kube-apiserver.yaml, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member there; the cluster answers and lacks Deployment/coredns", "does", "kubeadm init without "+stages)}},
		{Name: "addons that are not wanted", Host: member(func(l *lab) { delete(l.objects, "Deployment/coredns") }), Args: initArgs(module.Args{"skip_phases": "addon/coredns"})},
		{Name: "a member whose cluster is silent", Host: member(func(l *lab) { l.down = refused }), Args: initArgs(module.Args{"wait": 0}),
			Want: []change.Change{{Action: change.Wait, Kind: "cluster", Target: "k1"}}, Err: "the host is a member of a cluster that does not answer; nothing was done to it: "},
		{Name: "a silent member whose kubelet is stopped", Host: member(func(l *lab) {
			l.down = refused
			l.Set("kubelet.service", system.Unit{Enabled: true})
			systemctl := l.Commands["systemctl"]
			l.Commands["systemctl"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
				l.down = ""
				return systemctl(f, c)
			}
		}), Args: initArgs(nil), Want: []change.Change{started(), {Action: change.Wait, Kind: "cluster", Target: "k1"}}, Err: "the host has changed since it was looked at"},
		{Name: "a worker", Host: worker(nil), Args: initArgs(nil), Err: "the host is a worker of a cluster already"},
		{Name: "data of an earlier cluster", Host: with(func(l *lab) { l.Files["/var/lib/etcd/member"] = systemtest.Dir() }), Args: initArgs(nil), Err: "/var/lib/etcd holds the data of an earlier cluster"},
		{Name: "a misspelt configuration", Host: with(nil), Args: initArgs(module.Args{"config": clusterOf(map[string]any{"networking": map[string]any{"podSubent": "x"}})}),
			Err: `judge the configuration: exit status 1: error: strict decoding error: unknown field "networking.podSubent"`},
		{Name: "a failure", Host: with(func(l *lab) {
			l.fails = "[preflight] Some fatal errors occurred:\n\t[ERROR Port-6443]: Port 6443 is in use\n\t[ERROR Swap]: running with swap on is not supported\n[preflight] If you know what you are doing\nTo see the stack trace of this error execute with --v=5 or higher\n"
		}), Args: initArgs(nil), Want: []change.Change{begins()}, Err: "exit status 1: [ERROR Port-6443]: Port 6443 is in use; [ERROR Swap]: running with swap on is not supported\nthe kubelet's last lines:\n  kubelet: it does not like it"},
		{Name: "without kubeadm", Args: initArgs(nil), Err: "find kubeadm: it is in none of /usr/local/bin"},
	})
}

func TestDifferencesOfAConfiguration(t *testing.T) {
	t.Parallel()
	text := func(args string) []byte {
		s := "apiServer:\n  extraArgs:\n    - name: audit-log-maxage\n      value: \"" + args + "\"\napiVersion: kubeadm.k8s.io/v1beta4\ncertificatesDir: /etc/kubernetes/pki\ndns: {}\nkind: ClusterConfiguration\n" +
			"kubernetesVersion: v1.34.4\nnetworking:\n  podSubnet: \"10.244.0.0/16\"\n  serviceSubnet: \"10.96.0.0/12\"\n"
		return []byte(s)
	}
	args := clusterOf(map[string]any{"apiServer": map[string]any{"extraArgs": []any{map[string]any{"name": "audit-log-maxage", "value": "60"}}}})
	names := clusterOf(map[string]any{"apiServer": map[string]any{"certSANs": []any{"api.example.org", "10.0.0.1"}, "extraArgs": []any{map[string]any{"name": "audit-log-maxage", "value": "30"}}}})
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "an argument", Host: member(nil), Args: initArgs(module.Args{"config": args}), Want: []change.Change{
			{Action: change.Update, Kind: "phase", Target: "control-plane apiserver", After: change.Attrs("on", "k1")},
			{Action: change.Wait, Kind: "static pod", Target: "kube-apiserver"},
			{Action: change.Update, Kind: "configuration", Target: "kubeadm-config", Before: change.Attrs().WithText(text("30"), ""), After: change.Attrs().WithText(text("60"), "")},
		}, Then: moduletest.Then{Ran: []string{
			"/usr/local/bin/kubeadm init phase control-plane apiserver --config /dev/stdin", "/usr/local/bin/kubeadm init phase upload-config kubeadm --config /dev/stdin"}}},
		{Name: "a name of the API", Host: member(func(l *lab) {
			l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.34.4", "30") + "  certSANs: [api.example.org, 10.0.0.1]\n"}})
		}), Args: initArgs(module.Args{"config": names}), Want: []change.Change{
			{Action: change.Update, Kind: "certificate", Target: pki + "apiserver.crt", Before: change.Attrs("names", "without them"), After: change.Attrs("names", "api.example.org")},
		}, Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm init phase certs apiserver --config /dev/stdin"}}},
		{Name: "other components", Host: member(nil), Args: initArgs(module.Args{"config": append(clusterOf(nil),
			map[string]any{"kind": "KubeletConfiguration", "shutdownGracePeriod": "60s", "protectKernelDefaults": false, "maxPods": 250},
			map[string]any{"kind": "KubeProxyConfiguration", "mode": "ipvs", "iptables": map[string]any{"syncPeriod": "0s"}})}), Want: []change.Change{
			{Action: change.Update, Kind: "configuration", Target: "kubelet-config", Before: change.Attrs().WithText(kubelet(""), ""), After: change.Attrs().WithText(kubelet("maxPods: 250\n"), "")},
			{Action: change.Update, Kind: "configuration", Target: "kube-proxy", Before: change.Attrs().WithText(proxies(`""`), ""), After: change.Attrs().WithText(proxies("ipvs"), "")},
			{Action: change.Update, Kind: "file", Target: "/var/lib/kubelet/config.yaml", Before: change.Attrs().WithText(kubelet(""), ""), After: change.Attrs().WithText(kubelet("maxPods: 250\n"), "")},
			{Action: change.Run, Kind: "unit", Target: "kubelet.service", After: change.Attrs("state", "restarted", "found", "its configuration is another")},
		}, Then: moduletest.Then{Ran: []string{
			"/usr/local/bin/kubeadm init phase upload-config kubelet --config /dev/stdin", "/usr/local/bin/kubeadm init phase addon kube-proxy --config /dev/stdin",
			"/usr/local/bin/kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system rollout restart DaemonSet/kube-proxy",
			"/usr/local/bin/kubeadm upgrade node phase kubelet-config", "systemctl restart kubelet.service"}}},
		{Name: "another version", Host: member(func(l *lab) {
			l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored("v1.33.1", "30")}})
		}), Args: initArgs(nil), Err: "change the cluster of k1: kubernetesVersion is v1.33.1 and cannot become v1.34.4 here: state: upgraded moves a cluster to another version"},
		{Name: "another network", Host: member(nil), Args: initArgs(module.Args{"config": clusterOf(map[string]any{"networking": map[string]any{"podSubnet": "10.1.0.0/16"}})}),
			Err: "networking.podSubnet is 10.244.0.0/16 and cannot become 10.1.0.0/16 here"},
	})
}

func kubelet(more string) []byte {
	return []byte("evictionHard:\n  memory.available: \"100Mi\"\nkind: KubeletConfiguration\n" + more + "shutdownGracePeriod: \"1m0s\"\n")
}

func proxies(mode string) []byte {
	return []byte("iptables:\n  syncPeriod: \"0s\"\nkind: KubeProxyConfiguration\nmode: " + mode + "\n")
}

func joinArgs(role string, more module.Args) module.Args {
	a := module.Args{"state": "joined", "role": role, "endpoint": "10.0.0.1:6443", "token": module.NewSecret("abcdef.0123456789abcdef"), "ca_hash": ours, "config": []any{object("JoinConfiguration", nil)}}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func joins(role string, pairs ...string) change.Change {
	return change.Change{Action: change.Create, Kind: "member", Target: "k1", After: change.Attrs(append([]string{"role", role, "cluster", "10.0.0.1:6443"}, pairs...)...)}
}

func TestJoined(t *testing.T) {
	t.Parallel()
	const line = "/usr/local/bin/kubeadm join --config /dev/stdin"
	const all = "admin.conf, controller-manager.conf, scheduler.conf, kubelet.conf, kubeadm-flags.env, kube-apiserver.yaml, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member there"
	const afresh = "kubeadm join again; its certificates, keys and kubeconfigs are used"
	key := module.Args{"certificate_key": module.NewSecret(strings.Repeat("a", 64))}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "a bare worker", Host: with(nil), Args: joinArgs("worker", nil), Want: []change.Change{joins("worker")},
			Then: moduletest.Then{Ran: []string{line}, Objects: map[system.Key]system.Object{{Kind: "unit", Name: "kubelet.service"}: system.Unit{Enabled: true, Active: true}}}},
		{Name: "a bare worker with an etcd of its own", Host: with(func(l *lab) { l.Files["/var/lib/etcd/member"] = systemtest.Dir() }), Args: joinArgs("worker", nil), Want: []change.Change{joins("worker")},
			Then: moduletest.Then{Ran: []string{line}}},
		{Name: "a bare control plane", Host: with(nil), Args: joinArgs("control_plane", key), Want: []change.Change{joins("control_plane")}, Then: moduletest.Then{Ran: []string{line}}},
		{Name: "a worker as it is", Host: worker(nil), Args: joinArgs("worker", nil), Then: moduletest.Then{Ran: []string{}}, Output: map[string]any{"found": "member"}},
		{Name: "a worker that cannot ask", Host: worker(func(l *lab) { delete(l.Files, "/usr/local/bin/kubectl") }), Args: joinArgs("worker", nil)},
		{Name: "a worker whose cluster is silent", Host: worker(func(l *lab) { l.down = refused }), Args: joinArgs("worker", nil)},
		{Name: "a control plane as it is", Host: member(nil), Args: joinArgs("control_plane", key)},
		{Name: "a control plane asked to be a worker", Host: member(nil), Args: joinArgs("worker", nil)},
		{Name: "a worker half joined", Host: with(func(l *lab) {
			l.keep(map[string]systemtest.File{pki + "ca.crt": cert(ours), etc + "bootstrap-kubelet.conf": file(0o600, "B"), "/var/lib/kubelet/kubeadm-flags.env": file(0o644, "X")})
		}), Args: joinArgs("worker", nil), Output: map[string]any{"found": "half-done"},
			Want: []change.Change{joins("worker", "found", "a join that stopped before the kubelet had its certificate: bootstrap-kubelet.conf, kubeadm-flags.env there", "does", afresh)}},
		{Name: "a worker that the cluster does not know", Host: worker(func(l *lab) {
			delete(l.objects, "Node/k1")
			systemctl := l.Commands["systemctl"]
			l.Commands["systemctl"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
				l.node(true, false, "v1.34.4")
				return systemctl(f, c)
			}
		}), Args: joinArgs("worker", nil), Want: []change.Change{
			{Action: change.Run, Kind: "unit", Target: "kubelet.service", After: change.Attrs("state", "restarted", "found", "the kubelet has its certificate, and the cluster does not know k1")},
			{Action: change.Wait, Kind: "node", Target: "k1"}}},
		{Name: "a control plane stopped before its kubelet started", Host: with(func(l *lab) {
			p := pieces()
			l.keep(map[string]systemtest.File{pki + "ca.crt": cert(ours), etc + "admin.conf": p[etc+"admin.conf"], etc + "manifests/kube-apiserver.yaml": file(0o600, "x")})
		}), Args: joinArgs("control_plane", key), Want: []change.Change{joins("control_plane", "found",
			"a join that did not come to its end: admin.conf, kube-apiserver.yaml there, controller-manager.conf, scheduler.conf, kubelet.conf, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member missing", "does", afresh)}},
		{Name: "a control plane that has no vote yet", Host: member(func(l *lab) { l.node(true, false, "v1.34.4"); l.etcd = "true" }), Args: joinArgs("control_plane", key),
			Want: []change.Change{joins("control_plane", "found", "a join that did not come to its end: "+all+"; its node is ready", "does", "kubeadm join without preflight,kubelet-start")}},
		{Name: "a control plane that has its vote and no node", Host: member(func(l *lab) { delete(l.objects, "Node/k1"); l.etcd = "false" }), Args: joinArgs("control_plane", key),
			Want: []change.Change{joins("control_plane", "found", "a join that did not come to its end: "+all+"; it has a vote in etcd", "does", "kubeadm join without etcd-join,control-plane-join/etcd")},
			Then: moduletest.Then{Ran: []string{line + " --skip-phases etcd-join,control-plane-join/etcd" + ignored}}},
		{Name: "a control plane of an etcd that is not ready", Host: member(func(l *lab) { delete(l.objects, "Node/k1") }), Args: joinArgs("control_plane", key), Err: "no member of it is ready"},
		{Name: "a member of another cluster", Host: worker(func(l *lab) { l.Files[pki+"ca.crt"] = cert(alien) }), Args: joinArgs("worker", nil),
			Err: "the host has the CA of another cluster: /etc/kubernetes/pki/ca.crt has the public key sha256:2222222222222222..., and sha256:1111111111111111... is wanted"},
		{Name: "a worker asked to be a control plane", Host: worker(nil), Args: joinArgs("control_plane", nil), Err: "the host is a worker of the cluster already; drain it"},
		{Name: "a silent control plane", Host: member(func(l *lab) { l.down = refused }), Args: joinArgs("control_plane", module.Args{"wait": 0}),
			Want: []change.Change{{Action: change.Wait, Kind: "cluster", Target: "k1"}}, Err: "nothing was done to it"},
		{Name: "without a hash", Host: with(nil), Args: module.Args{"state": "joined", "endpoint": "x:1", "token": "t"}, Err: "ca_hash is missing"},
		{Name: "without an endpoint", Host: with(nil), Args: module.Args{"state": "joined", "ca_hash": ours, "token": "t"}, Err: "endpoint is missing"},
		{Name: "without comparing", Host: with(nil), Args: joinArgs("worker", module.Args{"config": []any{object("JoinConfiguration", map[string]any{
			"discovery": map[string]any{"bootstrapToken": map[string]any{"unsafeSkipCAVerification": true}}})}}), Err: "unsafeSkipCAVerification is set"},
		{Name: "an expired token", Host: with(func(l *lab) {
			l.fails = "error: error execution phase preflight: couldn't validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID \"abcdef\"\nTo see the stack trace of this error execute with --v=5 or higher\n"
		}), Args: joinArgs("worker", nil), Want: []change.Change{joins("worker")}, Err: "could not find a JWS signature in the cluster-info ConfigMap for token ID"},
	})
}

func TestUpgraded(t *testing.T) {
	t.Parallel()
	args := module.Args{"state": "upgraded", "version": "v1.34.4"}
	at := func(v string) func(*lab) {
		return func(l *lab) {
			l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored(v, "")}})
			l.Files[etc+"manifests/kube-apiserver.yaml"] = file(0o600, "    image: registry.k8s.io/kube-apiserver:"+v+"\n")
			l.node(true, true, v)
			l.proxy(v)
		}
	}
	moved := func(from, by string) []change.Change {
		return []change.Change{{Action: change.Update, Kind: "member", Target: "k1", Before: change.Attrs("version", from), After: change.Attrs("version", "v1.34.4", "by", by)}}
	}
	workers := func(cluster, kubelet string) func() *systemtest.Fake {
		return worker(func(l *lab) {
			l.put("ConfigMap/kubeadm-config", map[string]any{"data": map[string]any{"ClusterConfiguration": stored(cluster, "")}})
			l.node(true, false, kubelet)
		})
	}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "the first control plane", Host: member(at("v1.33.9")), Args: args, Want: moved("v1.33.9", "kubeadm upgrade apply"), Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm upgrade apply v1.34.4 --yes"}}},
		{Name: "another control plane", Host: member(func(l *lab) {
			l.Files[etc+"manifests/kube-apiserver.yaml"] = file(0o600, "    image: registry.k8s.io/kube-apiserver:v1.33.9\n")
		}), Args: args, Want: moved("v1.33.9", "kubeadm upgrade node"), Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm upgrade node"}}},
		{Name: "stopped among the addons", Host: member(func(l *lab) { l.proxy("v1.33.9") }), Args: args, Want: moved("v1.34.4", "kubeadm upgrade apply")},
		{Name: "as it is", Host: member(nil), Args: args, Then: moduletest.Then{Ran: []string{}}},
		{Name: "a worker", Host: workers("v1.34.4", "v1.33.9"), Args: args, Want: moved("v1.33.9", "kubeadm upgrade node")},
		{Name: "a worker as it is", Host: workers("v1.34.4", "v1.34.4"), Args: args},
		{Name: "a worker too early", Host: workers("v1.33.9", "v1.33.9"), Args: args, Err: "the cluster is v1.33.9; its control planes come first"},
		{Name: "two minor versions at once", Host: member(at("v1.32.0")), Args: args, Err: "cannot become v1.34.4 at once: go through each minor version, v1.33 next"},
		{Name: "back", Host: member(at("v1.34.5")), Args: args, Err: "the cluster is v1.34.5 and cannot go back to v1.34.4"},
		{Name: "with another kubeadm", Host: member(nil), Args: module.Args{"state": "upgraded", "version": "1.34.5"}, Err: "the host's kubeadm is v1.34.4; install that of the version first"},
		{Name: "no member", Host: with(nil), Args: args, Err: "the host is no member of a cluster"},
		{Name: "silent", Host: member(func(l *lab) { l.down = refused }), Args: args, Err: "ask the cluster for its version"},
		{Name: "no version", Host: member(nil), Args: module.Args{"state": "upgraded"}, Err: "version is missing"},
	})
}

func TestRenewed(t *testing.T) {
	t.Parallel()
	args := module.Args{"state": "renewed"}
	soon := time.Now().AddDate(0, 0, 20).UTC()
	var before, after []string
	for _, n := range []string{"admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "controller-manager.conf", "scheduler.conf", "front-proxy-client"} {
		before, after = append(before, n, "until "+soon.Format(time.RFC3339)), append(after, n, change.Later)
	}
	restarts := func(pods ...string) (out []change.Change) {
		for _, p := range pods {
			out = append(out, change.Change{Action: change.Run, Kind: "static pod", Target: p, After: change.Attrs("state", "restarted")}, change.Change{Action: change.Wait, Kind: "static pod", Target: p})
		}
		return out
	}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "all due", Host: member(func(l *lab) { l.ends = soon; l.pods(time.Now().AddDate(0, -11, -10)) }), Args: args,
			Want: append([]change.Change{{Action: change.Update, Kind: "certificates", Target: "k1", Before: change.Attrs(before...), After: change.Attrs(after...)}},
				restarts("kube-apiserver", "kube-controller-manager", "kube-scheduler")...)},
		{Name: "one pod from before an interrupted renewal", Host: member(func(l *lab) {
			l.pods(time.Now().Add(time.Minute))
			l.pod("kube-scheduler", time.Now().AddDate(0, 0, -1))
			l.pod("kube-controller-manager", time.Time{})
			ctr := l.Commands["ctr"]
			l.Commands["ctr"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
				if c.Argv[4] == "kill" {
					l.pods(time.Now().Add(time.Minute))
				}
				return ctr(f, c)
			}
		}), Args: args, Want: restarts("kube-scheduler")},
		{Name: "none due", Host: member(func(l *lab) { l.pods(time.Now().Add(time.Minute)) }), Args: args, Then: moduletest.Then{Ran: []string{}}},
		{Name: "a worker", Host: worker(nil), Args: args},
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	args := module.Args{"state": "reset"}
	gone := func(found string) []change.Change {
		return []change.Change{{Action: change.Delete, Kind: "member", Target: "k1", Before: change.Attrs("found", found)}}
	}
	moduletest.Run(t, kubeadm.Kubeadm, []moduletest.Case{
		{Name: "a bare host", Host: with(nil), Args: args, Output: map[string]any{"found": "bare"}},
		{Name: "a worker", Host: worker(nil), Args: args, Want: gone("kubelet.conf, kubeadm-flags.env, ca.crt there"),
			Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm reset --skip-phases remove-etcd-member --force"}, Gone: []string{etc + "kubelet.conf"}}},
		{Name: "a worker with an etcd of its own", Host: worker(func(l *lab) { l.Files["/var/lib/etcd/member"] = systemtest.Dir() }), Args: args, Want: gone("kubelet.conf, kubeadm-flags.env, ca.crt there"),
			Then: moduletest.Then{Files: map[string]systemtest.File{"/var/lib/etcd/member": systemtest.Dir()}}},
		{Name: "a host with nothing but an etcd of its own", Host: with(func(l *lab) { l.Files["/var/lib/etcd/member"] = systemtest.Dir() }), Args: args},
		{Name: "a control plane", Host: member(nil), Args: module.Args{"state": "reset", "config": []any{object("ResetConfiguration", map[string]any{"criSocket": "unix:///run/containerd/containerd.sock"})}},
			Want: gone("admin.conf, controller-manager.conf, scheduler.conf, kubelet.conf, kubeadm-flags.env, kube-apiserver.yaml, kube-controller-manager.yaml, kube-scheduler.yaml, etcd.yaml, member, ca.crt there"),
			Then: moduletest.Then{Ran: []string{"/usr/local/bin/kubeadm reset --config /dev/stdin"}}},
	})
}
