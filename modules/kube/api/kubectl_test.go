package api_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/api"
)

// printed is what kubectl printed of a real cluster.
func printed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "kubectl", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// with is a control plane of a cluster that holds what is in files, and in more.
func with(t *testing.T, files []string, more ...string) func() *systemtest.Fake {
	t.Helper()
	var objects []string
	for _, f := range files {
		objects = append(objects, printed(t, f))
	}
	return func() *systemtest.Fake {
		f := systemtest.New()
		f.Files["/etc/kubernetes/admin.conf"] = systemtest.File{Text: "apiVersion: v1\n"}
		systemtest.Kubectl(f, append(objects, more...)...)
		return f
	}
}

func config(name, key, value string) map[string]any {
	return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": map[string]any{key: value}}
}

const madeConfig = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"1","resourceVersion":"9"},"data":{"k":"old"}}`

const endingConfig = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","deletionTimestamp":"2026-11-21T07:07:48Z"},"data":{"k":"old"}}`

func shown(text string) *change.Value { return (&change.Value{}).WithText([]byte(text), "") }

func configText(name, value string) *change.Value {
	return shown("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n  namespace: default\ndata:\n  k: " + value + "\n")
}

func holds(kind, ns, name string) system.Key {
	return system.Key{Kind: "cluster", Name: "object/" + kind + "/" + ns + "/" + name}
}

const flags = "--kubeconfig /etc/kubernetes/admin.conf --cache-dir /dev/null "

func TestApply(t *testing.T) {
	t.Parallel()
	cluster := []string{"cluster"}
	secret := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s"}, "stringData": map[string]any{"password": module.NewSecret("hunter2")}}
	crd := map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "foos.x.example"},
		"spec": map[string]any{"group": "x.example", "scope": "Namespaced", "names": map[string]any{"kind": "Foo"}}}
	foo := map[string]any{"apiVersion": "x.example/v1", "kind": "Foo", "metadata": map[string]any{"name": "f"}}
	moduletest.Run(t, api.Kubectl, []moduletest.Case{
		{Name: "create", Host: with(t, cluster), Args: module.Args{"definition": []any{config("a", "k", "v"), config("b", "k", "w")}},
			Want: []change.Change{{Action: change.Create, Kind: "ConfigMap", Target: "default/a", After: configText("a", "v")}, {Action: change.Create, Kind: "ConfigMap", Target: "default/b", After: configText("b", "w")}},
			Then: moduletest.Then{Ran: []string{"kubectl " + flags + "apply --server-side --field-manager gokube -f -"}}},
		{Name: "update", Host: with(t, cluster, madeConfig), Args: module.Args{"definition": config("a", "k", "new"), "force_conflicts": true},
			Want: []change.Change{{Action: change.Update, Kind: "ConfigMap", Target: "default/a", Before: configText("a", "old"), After: configText("a", "new")}}},
		{Name: "on its way out", Host: with(t, cluster, endingConfig), Args: module.Args{"definition": config("a", "k", "new")},
			Want: []change.Change{{Action: change.Create, Kind: "ConfigMap", Target: "default/a", After: configText("a", "new")}},
			Then: moduletest.Then{Ran: []string{"kubectl " + flags + "wait --for=delete --timeout=2m0s -f -", "kubectl " + flags + "apply --server-side --field-manager gokube -f -"}}},
		{Name: "in a namespace on its way out", Host: with(t, cluster, strings.ReplaceAll(madeConfig, "default", "n"), `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","deletionTimestamp":"2026-11-21T07:07:48Z"}}`),
			Args: module.Args{"definition": []any{map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "n"}}, config("a", "k", "old")}, "namespace": "n"},
			Want: []change.Change{{Action: change.Create, Kind: "Namespace", Target: "n", After: shown("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \"n\"\n")},
				{Action: change.Create, Kind: "ConfigMap", Target: "n/a", After: shown("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: \"n\"\ndata:\n  k: old\n")}}},
		{Name: "as it is", Host: with(t, cluster, madeConfig), Args: module.Args{"definition": config("a", "k", "old"), "wait": true}},
		{Name: "nothing to apply", Host: with(t, cluster), Args: module.Args{"definition": []any{}}},
		{Name: "secret", Host: with(t, cluster), Args: module.Args{"definition": secret},
			Want: []change.Change{{Action: change.Create, Kind: "Secret", Target: "default/s", After: &change.Value{Secret: true}}}},
		{Name: "data of a secret", Host: with(t, cluster, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"default"},"data":{"a":"b2xk","b":"c2FtZQ=="}}`),
			Args: module.Args{"definition": map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s"}, "data": map[string]any{"a": "bmV3", "b": "c2FtZQ=="}}},
			Want: []change.Change{{Action: change.Update, Kind: "Secret", Target: "default/s",
				Before: shown("apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: default\ndata:\n  a: \"********\"\n  b: \"********\"\n"),
				After:  shown("apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: default\ndata:\n  a: \"******** (changed)\"\n  b: \"********\"\n")}}},
		{Name: "new kind", Host: with(t, cluster), Args: module.Args{"definition": []any{foo, crd}, "namespace": "kube-system"},
			Want: []change.Change{{Action: change.Create, Kind: "CustomResourceDefinition", Target: "foos.x.example",
				After: shown("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: foos.x.example\nspec:\n  group: x.example\n  names:\n    kind: Foo\n  scope: Namespaced\n")},
				{Action: change.Create, Kind: "Foo", Target: "kube-system/f", After: shown("apiVersion: x.example/v1\nkind: Foo\nmetadata:\n  name: f\n  namespace: kube-system\n")}},
			Then: moduletest.Then{Ran: []string{"kubectl " + flags + "apply --server-side --field-manager gokube -f -",
				"kubectl " + flags + "wait --for=condition=Established --timeout=60s -f -", "kubectl " + flags + "apply --server-side --field-manager gokube -f -"}}},
		{Name: "no such namespace", Host: with(t, cluster), Args: module.Args{"definition": config("a", "k", "v"), "namespace": "nosuch"}, Err: `create ConfigMap nosuch/a: namespaces "nosuch" not found`},
		{Name: "no cluster", Args: module.Args{"definition": config("a", "k", "v")}, Err: "/etc/kubernetes/admin.conf is not there"},
		{Name: "no kind", Host: with(t, cluster), Args: module.Args{"definition": map[string]any{"apiVersion": "v1"}}, Err: "document 1: it has no kind"},
		{Name: "no name", Host: with(t, cluster), Args: module.Args{"definition": map[string]any{"apiVersion": "v1", "kind": "Pod"}}, Err: "a Pod without metadata.name"},
		{Name: "a name twice", Host: with(t, cluster), Args: module.Args{"definition": []any{config("a", "k", "v"), config("a", "k", "v")}}, Err: "ConfigMap default/a is there twice"},
	})
}

const inventory = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gokube-set-web","namespace":"default","labels":{"app.kubernetes.io/managed-by":"gokube"}},"data":{"objects":"v1 ConfigMap default/a\nv1 ConfigMap default/gone\nv1 Namespace web\n"}}`

func remembers(lines string) *change.Value {
	return shown("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gokube-set-web\n  labels:\n    app.kubernetes.io/managed-by: gokube\n  namespace: default\ndata:\n  objects: |\n    " + strings.ReplaceAll(lines, "\n", "\n    ") + "\n")
}

func TestSetsForgetWhatTheyNoLongerHold(t *testing.T) {
	t.Parallel()
	cluster := []string{"cluster"}
	old := change.Change{Action: change.Delete, Kind: "ConfigMap", Target: "default/a", Before: configText("a", "old")}
	moduletest.Run(t, api.Kubectl, []moduletest.Case{
		{Name: "begin", Host: with(t, cluster), Args: module.Args{"definition": config("b", "k", "v"), "set": "web"},
			Want: []change.Change{{Action: change.Create, Kind: "ConfigMap", Target: "default/b", After: configText("b", "v")},
				{Action: change.Create, Kind: "ConfigMap", Target: "default/gokube-set-web", After: remembers("v1 ConfigMap default/b")}}},
		{Name: "prune", Host: with(t, cluster, madeConfig, inventory), Args: module.Args{"definition": config("b", "k", "v"), "set": "web"},
			Want: []change.Change{{Action: change.Create, Kind: "ConfigMap", Target: "default/b", After: configText("b", "v")}, old,
				{Action: change.Update, Kind: "ConfigMap", Target: "default/gokube-set-web", Before: remembers("v1 ConfigMap default/a\nv1 ConfigMap default/gone\nv1 Namespace web"), After: remembers("v1 ConfigMap default/b")}},
			Then: moduletest.Then{Lacks: []system.Key{holds("ConfigMap", "default", "a")}}},
		{Name: "remove all", Host: with(t, cluster, madeConfig, inventory), Args: module.Args{"state": "absent", "definition": []any{}, "set": "web"},
			Want: []change.Change{old, {Action: change.Delete, Kind: "ConfigMap", Target: "default/gokube-set-web", Before: remembers("v1 ConfigMap default/a\nv1 ConfigMap default/gone\nv1 Namespace web")}},
			Then: moduletest.Then{Lacks: []system.Key{holds("ConfigMap", "default", "a"), holds("ConfigMap", "default", "gokube-set-web")}}},
	})
}

func TestOtherStates(t *testing.T) {
	t.Parallel()
	cluster := []string{"cluster"}
	one := module.Args{"kind": "ConfigMap", "name": "a", "namespace": "default"}
	and := func(more module.Args) module.Args {
		for k, v := range one {
			more[k] = v
		}
		return more
	}
	moduletest.Run(t, api.Kubectl, []moduletest.Case{
		{Name: "delete", Host: with(t, cluster, madeConfig), Args: and(module.Args{"state": "absent"}),
			Want: []change.Change{{Action: change.Delete, Kind: "ConfigMap", Target: "default/a", Before: configText("a", "old")}},
			Then: moduletest.Then{Lacks: []system.Key{holds("ConfigMap", "default", "a")}}},
		{Name: "deleted", Host: with(t, cluster), Args: and(module.Args{"state": "deleted"})},
		{Name: "deleted, and waited for", Host: with(t, cluster, endingConfig), Args: and(module.Args{"state": "absent"}),
			Want: []change.Change{{Action: change.Wait, Kind: "end of objects", Target: "ConfigMap default/a"}}, Then: moduletest.Then{Lacks: []system.Key{holds("ConfigMap", "default", "a")}}},
		{Name: "deleted, and not waited for", Host: with(t, cluster, endingConfig), Args: and(module.Args{"state": "absent", "wait": false})},
		{Name: "patch", Host: with(t, cluster, madeConfig), Args: and(module.Args{"state": "patched", "patch": map[string]any{"data": map[string]any{"k": "new"}}}),
			Want: []change.Change{{Action: change.Update, Kind: "ConfigMap", Target: "default/a", Before: configText("a", "old"), After: configText("a", "new")}},
			Then: moduletest.Then{Ran: []string{"kubectl " + flags + "patch ConfigMap.v1. a --type strategic --patch-file /dev/stdin --field-manager gokube -n default"}}},
		{Name: "patch with a secret", Host: with(t, cluster, madeConfig), Args: and(module.Args{"state": "patched", "patch": map[string]any{"data": map[string]any{"k": module.NewSecret("hunter2")}}}),
			Want: []change.Change{{Action: change.Update, Kind: "ConfigMap", Target: "default/a", Before: &change.Value{Secret: true}, After: &change.Value{Secret: true}}}},
		{Name: "patch by definition", Host: with(t, cluster, madeConfig), Args: module.Args{"state": "patched", "definition": config("a", "k", "old"), "patch_type": "merge"}},
		{Name: "patch what is not there", Host: with(t, cluster), Args: and(module.Args{"state": "patched", "patch": map[string]any{}}), Err: "patch ConfigMap default/a: it is not there"},
		{Name: "patch without one", Host: with(t, cluster), Args: and(module.Args{"state": "patched"}), Err: "the patch is missing"},
		{Name: "apply without a definition", Host: with(t, cluster), Args: and(module.Args{}), Err: "a definition is wanted"},
		{Name: "wait for what is there", Host: with(t, cluster, madeConfig), Args: and(module.Args{"state": "waited"})},
		{Name: "wait for what is not there", Host: with(t, cluster), Args: and(module.Args{"state": "waited", "wait_timeout": 0}),
			Want: []change.Change{{Action: change.Wait, Kind: "objects", Target: "ConfigMap default/a"}}, Err: "not so after 0s"},
		{Name: "get", Host: with(t, cluster, madeConfig), Args: and(module.Args{"state": "get"}),
			Output: map[string]any{"resources": []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "default", "uid": "1", "resourceVersion": "9"}, "data": map[string]any{"k": "old"}}}}},
		{Name: "get nothing", Host: with(t, cluster), Args: module.Args{"state": "get", "kind": "Pod", "label_selectors": []any{"a=b"}}, Output: map[string]any{"resources": []any{}}},
		{Name: "a kind of no version", Host: with(t, cluster), Args: module.Args{"state": "absent", "kind": "Foo", "name": "f"}, Err: "set api_version"},
	})
}
