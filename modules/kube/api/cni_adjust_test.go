package api_test

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/modules/kube/api"
)

// plugin is a plugin's DaemonSet with one container.
func plugin(name string, container map[string]any) []any {
	return []any{map[string]any{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{container}}}}}}
}

func router() map[string]any {
	return map[string]any{"name": "kube-router", "image": "docker.io/cloudnativelabs/kube-router", "args": []any{"--run-router=true", "--run-firewall=true"}}
}

// shows is the plan of a manifest, as text.
func shows(t *testing.T, args module.Args) string {
	t.Helper()
	p, err := api.CNIApply.Plan(t.Context(), with(t, []string{"cluster"})(), args)
	if err != nil {
		t.Fatal(err)
	}
	return *p.Steps[0].After.Text
}

func TestManifestsAreMadeTheClusters(t *testing.T) {
	t.Parallel()
	node := map[string]any{"name": "calico-node", "image": "quay.io/calico/node:v3.31.7", "env": []any{map[string]any{"name": "IP", "value": "autodetect"}}}
	for _, c := range []struct {
		name   string
		args   module.Args
		want   []string
		absent string
	}{
		{name: "arguments in place of the manifest's, and more", args: module.Args{"src": plugin("kube-router", router()), "image_tag": "v2.10.0",
			"flags": []any{"--run-firewall=false", "--service-cluster-ip-range=10.96.0.0/12"}},
			want: []string{"--run-router=true", "--run-firewall=false", "--service-cluster-ip-range=10.96.0.0/12", "kube-router:v2.10.0"}, absent: "--run-firewall=true"},
		{name: "tags that are there stay", args: module.Args{"src": plugin("calico-node", node), "image_tag": "v1"}, want: []string{"calico/node:v3.31.7\n"}, absent: "CALICO_IPV4POOL_CIDR"},
		{name: "calico's range", args: module.Args{"src": plugin("calico-node", node), "set_pod_cidr": true}, want: []string{"- name: IP\n", "- name: CALICO_IPV4POOL_CIDR\n          value: \"10.244.0.0/16\"\n"}},
	} {
		text := shows(t, c.args)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, text)
			}
		}
		if c.absent != "" && strings.Contains(text, c.absent) {
			t.Errorf("%s: %q is in\n%s", c.name, c.absent, text)
		}
	}
}

// A job that removes itself is not made again, unless something else changes.
func TestVanishingJobs(t *testing.T) {
	t.Parallel()
	const remembers = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gokube-set-cni","namespace":"kube-system","labels":{"app.kubernetes.io/managed-by":"gokube"}},` +
		`"data":{"objects":"batch/v1 Job default/j\nv1 ConfigMap default/a\n"}}`
	job := map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": "j", "namespace": "default"}, "spec": map[string]any{"ttlSecondsAfterFinished": 0}}
	docs := func(value string) []any {
		c := config("a", "k", value)
		c["metadata"] = map[string]any{"name": "a", "namespace": "default"}
		return []any{c, job}
	}
	cluster := []string{"cluster"}
	made := change.Change{Action: change.Create, Kind: "Job", Target: "default/j", After: shown("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: j\n  namespace: default\nspec:\n  ttlSecondsAfterFinished: 0\n")}
	moduletest.Run(t, api.CNIApply, []moduletest.Case{
		{Name: "it has done its work", Host: with(t, cluster, ready, remembers, madeConfig), Args: module.Args{"src": docs("old")}},
		{Name: "something else changes", Host: with(t, cluster, ready, remembers, madeConfig), Args: module.Args{"src": docs("new"), "wait": false}, Want: []change.Change{
			{Action: change.Update, Kind: "ConfigMap", Target: "default/a", Before: configText("a", "old"), After: configText("a", "new")}, made}},
		{Name: "no such container", Host: with(t, cluster, ready), Args: module.Args{"src": docs("old"), "plugin": "kube-router", "flags": []any{"--a=b"}},
			Err: "set flags of kube-router: no DaemonSet of the manifest has a container kube-router"},
	})
}
