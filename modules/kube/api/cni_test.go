package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/api"
)

const (
	ready   = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w1"},"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"NetworkUnavailable","status":"False"}]}}`
	unready = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w2"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}`
	proxy   = `{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"kube-proxy","namespace":"kube-system","generation":1},"spec":{"selector":{"matchLabels":{"k8s-app":"kube-proxy"}}},"status":{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1}}`
	crashed = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"kube-proxy-x","namespace":"kube-system","labels":{"k8s-app":"kube-proxy"}},"spec":{"nodeName":"w1"},"status":{"containerStatuses":[{"name":"kube-proxy","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}`
)

// saying is a host whose pods' last words are text.
func saying(text string, host func() *systemtest.Fake) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := host()
		kubectl := f.Commands["kubectl"]
		f.Commands["kubectl"] = func(f *systemtest.Fake, c system.Cmd) system.Output {
			if slices.Contains(c.Argv, "logs") {
				return system.Output{Stdout: []byte(text + "\n")}
			}
			return kubectl(f, c)
		}
		return f
	}
}

func flannel(network string) []any {
	return []any{
		map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "flannel"}, "data": map[string]any{"net-conf.json": `{"Network": "` + network + `"}`}},
		map[string]any{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "flannel"}, "spec": map[string]any{}},
	}
}

func calico(network string) []any {
	env := []any{map[string]any{"name": "CALICO_IPV4POOL_CIDR", "value": network}}
	return []any{map[string]any{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "calico-node"},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "calico-node", "env": env}}}}}}}
}

func created(kind, name, text string) change.Change {
	return change.Change{Action: change.Create, Kind: kind, Target: "kube-system/" + name, After: shown(text)}
}

func flannelCreated(network string) []change.Change {
	return []change.Change{
		created("ConfigMap", "flannel", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flannel\n  namespace: kube-system\ndata:\n  net-conf.json: \"{\\\"Network\\\": \\\""+network+"\\\"}\"\n"),
		created("DaemonSet", "flannel", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: flannel\n  namespace: kube-system\nspec: {}\n"),
		created("ConfigMap", "gokube-set-cni", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gokube-set-cni\n  labels:\n    app.kubernetes.io/managed-by: gokube\n  namespace: kube-system\ndata:\n  objects: |\n    apps/v1 DaemonSet kube-system/flannel\n    v1 ConfigMap kube-system/flannel\n"),
		{Action: change.Wait, Kind: "objects", Target: "DaemonSet kube-system/flannel"},
		{Action: change.Wait, Kind: "nodes", Target: "ready"},
	}
}

func TestCNIApply(t *testing.T) {
	t.Parallel()
	cluster := []string{"cluster"}
	docs := flannel("10.244.0.0/16")
	text, err := json.Marshal(docs)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	// reads is a host with what the host itself must read.
	reads := func() *systemtest.Fake {
		f := with(t, cluster, ready)()
		f.Files["/srv/cni"], f.Files["/srv/cni/a.yml"] = systemtest.Dir(), systemtest.File{Text: string(text)}
		f.Files["/srv/cni/README.md"] = systemtest.File{Text: "# no YAML"}
		f.Commands["fetch"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
			if strings.HasSuffix(c.Argv[len(c.Argv)-1], "nosuch") {
				return system.Output{Code: 4, Stderr: []byte("fetch: http://m/nosuch: 404 Not Found\n")}
			}
			return system.Output{Stdout: text}
		}
		f.Commands["yaml"] = func(_ *systemtest.Fake, c system.Cmd) system.Output { return system.Output{Stdout: c.Stdin} }
		return f
	}
	checksum := "sha256:" + hex.EncodeToString(sum[:])
	moduletest.Run(t, api.CNIApply, []moduletest.Case{
		{Name: "a manifest of the controller", Host: with(t, cluster, ready), Args: module.Args{"src": docs}, Want: flannelCreated("10.244.0.0/16"), Output: map[string]any{"plugin": "flannel"}},
		{Name: "a manifest at a URL", Host: reads, Args: module.Args{"url": "http://m/flannel.yml", "checksum": checksum}, Want: flannelCreated("10.244.0.0/16")},
		{Name: "a manifest in a directory", Host: reads, Args: module.Args{"dir": "/srv/cni"}, Want: flannelCreated("10.244.0.0/16")},
		{Name: "a URL that answers 404", Host: reads, Args: module.Args{"url": "http://m/nosuch", "checksum": checksum}, Err: "fetch: http://m/nosuch: 404 Not Found"},
		{Name: "no checksum", Host: reads, Args: module.Args{"url": "http://m/flannel.yml"}, Err: "checksum must be sha256:"},
		{Name: "an empty directory", Host: reads, Args: module.Args{"dir": "/tmp"}, Err: "no .yml, .yaml or .json file in it holds an object"},
		{Name: "another range in the manifest", Host: with(t, cluster, ready), Args: module.Args{"src": flannel("10.9.0.0/16")},
			Err: "flannel's Network (ConfigMap kube-system/flannel, net-conf.json) is 10.9.0.0/16 in the manifest, but the pods' range is 10.244.0.0/16 (ConfigMap kube-system/kubeadm-config): set set_pod_cidr: true"},
		{Name: "the range is set", Host: with(t, cluster, ready), Args: module.Args{"src": flannel("10.9.0.0/16"), "set_pod_cidr": true}, Want: flannelCreated("10.244.0.0/16")},
		{Name: "another range than the cluster's", Host: with(t, cluster, ready), Args: module.Args{"src": docs, "pod_cidr": "10.9.0.0/16"}, Err: "pod_cidr is 10.9.0.0/16, but the cluster was made with 10.244.0.0/16"},
		{Name: "no range", Host: with(t, cluster, ready), Args: module.Args{"src": docs, "pod_cidr": "10.9.0.0"}, Err: `pod_cidr: "10.9.0.0" is no range of addresses`},
		{Name: "calico beside the range", Host: with(t, cluster, ready), Args: module.Args{"src": calico("192.168.0.0/16")}, Err: "CALICO_IPV4POOL_CIDR (DaemonSet kube-system/calico-node) is 192.168.0.0/16"},
		{Name: "calico in the range, not waited for", Host: with(t, cluster, unready), Args: module.Args{"src": calico("10.244.8.0/24"), "wait": false}, Output: map[string]any{"plugin": "calico"},
			Want: []change.Change{
				created("DaemonSet", "calico-node", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: calico-node\n  namespace: kube-system\nspec:\n  template:\n    spec:\n      containers:\n      - name: calico-node\n        env:\n        - name: CALICO_IPV4POOL_CIDR\n          value: \"10.244.8.0/24\"\n"),
				created("ConfigMap", "gokube-set-cni", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gokube-set-cni\n  labels:\n    app.kubernetes.io/managed-by: gokube\n  namespace: kube-system\ndata:\n  objects: |\n    apps/v1 DaemonSet kube-system/calico-node\n"),
			}},
		{Name: "a node that stays without a network", Host: with(t, cluster, ready, unready), Args: module.Args{"src": docs, "wait_timeout": 0}, Want: flannelCreated("10.244.0.0/16"), Err: "node w2: flannel has not said that it is up there"},
		{Name: "kube-proxy comes first", Host: with(t, cluster, ready, proxy), Args: module.Args{"src": docs, "wait_timeout": 0},
			Want: append([]change.Change{{Action: change.Wait, Kind: "objects", Target: "DaemonSet kube-system/kube-proxy"}}, flannelCreated("10.244.0.0/16")...), Err: "DaemonSet kube-system/kube-proxy: 1 of 2 pods are available"},
		{Name: "kube-proxy ends again and again", Host: saying("no ipset", with(t, cluster, ready, proxy, crashed)), Args: module.Args{"src": docs, "wait_timeout": 0},
			Want: append([]change.Change{{Action: change.Wait, Kind: "objects", Target: "DaemonSet kube-system/kube-proxy"}}, flannelCreated("10.244.0.0/16")...),
			Err:  "1 of 2 pods are available; pod kube-proxy-x on w1: container kube-proxy: CrashLoopBackOff; its last words: no ipset"},
		{Name: "nothing in it", Host: with(t, cluster), Args: module.Args{"src": []any{}}, Err: "the manifest holds no objects"},
	})
}

// A check of bare hosts is sure of all that it shows.
func TestACheckOfBareHostsIsCertain(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(systemtest.New()))
	o.Task("")
	e := system.Closed(system.Vague(system.Path("/etc/kubernetes/")), system.Holds("/etc/kubernetes/admin.conf", system.Info{}))
	if err := o.Run(t.Context(), system.Command("kubeadm", "init"), e); err != nil {
		t.Fatal(err)
	}
	o.Task("")
	p, err := api.CNIApply.Plan(t.Context(), o, module.Args{"src": flannel("10.244.0.0/16"), "pod_cidr": "10.244.0.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != 6 {
		t.Errorf("%d steps", len(p.Steps))
	}
	for _, s := range p.Steps {
		if !s.Certain || s.Doubt != "" {
			t.Errorf("%s %s is not certain: %s", s.Action, s.Target, s.Doubt)
		}
	}
	if _, err := p.Predict(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Task("")
	p, err = api.Kubectl.Plan(t.Context(), o, module.Args{"state": "absent", "kind": "ConfigMap", "name": "flannel", "namespace": "kube-system"})
	if err != nil || len(p.Steps) != 1 || !p.Steps[0].Certain {
		t.Errorf("what an earlier task makes is deleted: %+v, %v", p, err)
	}
}
