package nodes_test

import (
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/api/nodes"
)

const (
	plain    = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w1","labels":{"disk":"slow","old":"x"},"resourceVersion":"7"},"spec":{"taints":[{"key":"a","effect":"NoSchedule"},{"key":"b","value":"v","effect":"NoExecute"}]}}`
	cordoned = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w1"},"spec":{"unschedulable":true}}`
	ours     = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w1","annotations":{"gokube.dev/cordoned-by":"gokube"}},"spec":{"unschedulable":true}}`
	stale    = `{"apiVersion":"v1","kind":"Node","metadata":{"name":"w1","annotations":{"gokube.dev/cordoned-by":"gokube"}},"spec":{}}`
	web      = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"default","labels":{"app":"web"}},"spec":{"nodeName":"w1"}}`
	held     = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"default","labels":{"app":"web"},"annotations":{"test/held":"yes"}},"spec":{"nodeName":"w1"}}`
	proxy    = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"proxy","namespace":"kube-system","ownerReferences":[{"kind":"DaemonSet","controller":true}]},"spec":{"nodeName":"w1"}}`
	static   = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"etcd","namespace":"kube-system","annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[{"kind":"Node","controller":true}]},"spec":{"nodeName":"w1"}}`
	ended    = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"job","namespace":"default"},"spec":{"nodeName":"w1"},"status":{"phase":"Succeeded"}}`
	budget   = `{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"web"}}},"status":{"disruptionsAllowed":0,"currentHealthy":2,"desiredHealthy":2}}`
)

func with(objects ...string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Files["/etc/kubernetes/admin.conf"] = systemtest.File{Text: "apiVersion: v1\n"}
		systemtest.Kubectl(f, objects...)
		return f
	}
}

func update(before, after *change.Value) change.Change {
	return change.Change{Action: change.Update, Kind: "node", Target: "w1", Before: before, After: after}
}

func drain() change.Change { return change.Change{Action: change.Run, Kind: "drain", Target: "w1"} }

func TestKubeNode(t *testing.T) {
	t.Parallel()
	const patch = "kubectl --kubeconfig /etc/kubernetes/admin.conf --cache-dir /dev/null patch node w1 --type merge --patch-file /dev/stdin --field-manager gokube"
	cordon := update(change.Attrs("schedulable", "yes"), change.Attrs("schedulable", "no"))
	uncordon := update(change.Attrs("schedulable", "no"), change.Attrs("schedulable", "yes"))
	moduletest.Run(t, nodes.KubeNode, []moduletest.Case{
		{Name: "labels", Host: with(plain), Args: module.Args{"name": "w1", "labels": map[string]any{"disk": "fast", "new": 1, "old": nil, "other": nil}},
			Want: []change.Change{update(change.Attrs("label disk", "slow", "label old", "x"), change.Attrs("label disk", "fast", "label new", "1"))}, Then: moduletest.Then{Ran: []string{patch}}},
		{Name: "labels as they are", Host: with(plain), Args: module.Args{"name": "w1", "labels": map[string]any{"disk": "slow", "none": nil}}},
		{Name: "a label is removed", Host: with(plain), Args: module.Args{"name": "w1", "labels": map[string]any{"old": nil}}, Want: []change.Change{update(change.Attrs("label old", "x"), &change.Value{})}},
		{Name: "annotation", Host: with(plain), Args: module.Args{"name": "w1", "annotations": map[string]any{"a": ""}}, Want: []change.Change{update(&change.Value{}, change.Attrs("annotation a", `""`))}},
		{Name: "taints", Host: with(plain), Args: module.Args{"name": "w1", "taints": map[string]any{"a": nil, "b": "v:NoExecute", "c": "x:NoSchedule", "d": []any{"NoSchedule", ":NoExecute"}}},
			Want: []change.Change{update(change.Attrs("taint a", "NoSchedule"), change.Attrs("taint c", "x:NoSchedule", "taint d", "NoExecute, NoSchedule"))}, Then: moduletest.Then{Ran: []string{patch}}},
		{Name: "taints as they are", Host: with(plain), Args: module.Args{"name": "w1", "taints": map[string]any{"a": "NoSchedule", "none": nil}}},
		{Name: "no effect", Host: with(plain), Args: module.Args{"name": "w1", "taints": map[string]any{"a": "Never"}}, Err: `taint a: "Never" is no effect`},
		{Name: "cordon", Host: with(plain), Args: module.Args{"name": "w1", "state": "cordoned"}, Want: []change.Change{cordon}},
		{Name: "cordoned by somebody", Host: with(cordoned), Args: module.Args{"name": "w1", "state": "cordoned"}},
		{Name: "uncordon what somebody cordoned", Host: with(cordoned), Args: module.Args{"name": "w1", "state": "uncordoned"}},
		{Name: "uncordon by force", Host: with(cordoned), Args: module.Args{"name": "w1", "state": "uncordoned", "force": true}, Want: []change.Change{uncordon}},
		{Name: "uncordon", Host: with(ours), Args: module.Args{"name": "w1", "state": "uncordoned"}, Want: []change.Change{uncordon}},
		{Name: "a mark that is left", Host: with(stale), Args: module.Args{"name": "w1", "state": "uncordoned"}, Want: []change.Change{update(change.Attrs("annotation gokube.dev/cordoned-by", "gokube"), &change.Value{})}},
		{Name: "drain", Host: with(plain, web, proxy, static, ended), Args: module.Args{"name": "w1", "state": "drained"}, Want: []change.Change{cordon, drain()}, Output: map[string]any{"pods": []any{"default/web-1"}}},
		{Name: "nothing to drain", Host: with(ours, proxy, static, ended), Args: module.Args{"name": "w1", "state": "drained"}},
		{Name: "held by a budget", Host: with(ours, held, budget), Args: module.Args{"name": "w1", "state": "drained", "timeout": 5}, Want: []change.Change{drain()},
			Err: "pods are left after 5 s: pod default/web-1 is held by disruption budget web, which allows 0 disruptions now (2 healthy pods, 2 wanted)"},
		{Name: "delete", Host: with(plain), Args: module.Args{"name": "w1", "state": "absent"}, Want: []change.Change{{Action: change.Delete, Kind: "node", Target: "w1"}},
			Then: moduletest.Then{Lacks: []system.Key{{Kind: "cluster", Name: "node/w1"}}}},
		{Name: "deleted", Host: with(), Args: module.Args{"name": "w1", "state": "absent"}},
		{Name: "not joined", Host: with(), Args: module.Args{"name": "w1", "labels": map[string]any{"a": "b"}, "timeout": 0}, Err: "it has not joined the cluster",
			Want: []change.Change{{Action: change.Wait, Kind: "node", Target: "w1"}, update(&change.Value{}, change.Attrs("label a", "b"))}},
	})
	moduletest.Examples(t, nodes.KubeNode)
}

// A check of bare hosts is sure of the labels that a node will be given, and not of
// what kubeadm may have given it.
func TestANodeOfAClusterThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	o := overlay.New(system.ReadOnly(f))
	o.Task("")
	e := system.Closed(system.Holds("/etc/kubernetes", system.Info{Type: 1 << 31}), system.Holds("/etc/kubernetes/admin.conf", system.Info{}))
	if err := o.Run(t.Context(), system.Command("kubeadm", "init"), e); err != nil {
		t.Fatal(err)
	}
	check := func(args module.Args, doubt bool) {
		t.Helper()
		o.Task("")
		p, err := nodes.KubeNode.Plan(t.Context(), o, args)
		if err != nil || len(p.Steps) != 1 || (p.Steps[0].Doubt != "") != doubt || p.Steps[0].Certain == doubt {
			t.Fatalf("the plan is %+v, %v", p, err)
		}
	}
	check(module.Args{"name": "w1", "labels": map[string]any{"a": "b", "c": nil}}, false)
	check(module.Args{"name": "w1", "taints": map[string]any{"node-role.kubernetes.io/control-plane": nil}}, true)
}
