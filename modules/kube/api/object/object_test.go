package object_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/kube/api/object"
)

func one(t *testing.T, text string) object.Object {
	t.Helper()
	all, err := object.Parse([]byte(text))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kind":"Deployment","metadata":{"generation":2},"spec":{"replicas":2},"status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}`:                                    "",
		`{"kind":"Deployment","metadata":{"generation":2},"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}`:                                    "its controller has not seen it yet",
		`{"kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"updatedReplicas":1}}`:                                                          "1 of 2 pods are up to date",
		`{"kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":3,"updatedReplicas":2,"availableReplicas":3}}`:                                    "1 old pods are still there",
		`{"kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":1}}`:                                    "1 of 2 pods are available",
		`{"kind":"Deployment","metadata":{"generation":1},"status":{"observedGeneration":1,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"too late"}]}}`: "FAILED too late",
		`{"kind":"DaemonSet","metadata":{"generation":1},"status":{}}`: "its controller has not seen it yet",
		`{"kind":"DaemonSet","metadata":{"generation":1},"status":{"observedGeneration":1,"desiredNumberScheduled":3,"updatedNumberScheduled":3,"numberAvailable":2}}`:                                                             "2 of 3 pods are available",
		`{"kind":"DaemonSet","metadata":{"generation":1},"spec":{"updateStrategy":{"type":"OnDelete"}},"status":{"observedGeneration":1,"desiredNumberScheduled":3,"numberAvailable":3}}`:                                          "",
		`{"kind":"StatefulSet","metadata":{"generation":1},"spec":{"replicas":3},"status":{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}}`:                              "1 of 3 pods are up to date",
		`{"kind":"StatefulSet","metadata":{"generation":1},"spec":{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":2}}},"status":{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1,"updateRevision":"b"}}`: "",
		`{"kind":"StatefulSet","metadata":{"generation":1},"status":{"observedGeneration":1,"updateRevision":"a","currentRevision":"a"}}`:                                                                                          "0 of 1 pods are available",
		`{"kind":"Job","status":{"conditions":[{"type":"Failed","status":"True","message":"it failed"}]}}`:                                                                                                                         "FAILED it failed",
		`{"kind":"Job","status":{"conditions":[{"type":"Complete","status":"True"}]}}`:                                                                                                                                             "",
		`{"kind":"Job","status":{}}`:                                     "it is not Complete",
		`{"kind":"Pod","status":{"phase":"Succeeded"}}`:                  "",
		`{"kind":"Pod","status":{"phase":"Failed","message":"evicted"}}`: "FAILED evicted",
		`{"kind":"Pod","status":{"phase":"Running","conditions":[{"type":"Ready","status":"False","message":"containers with unready status: [c]"}]}}`: "it is not Ready: containers with unready status: [c]",
		`{"kind":"Namespace","status":{"phase":"Terminating"}}`: "it is Terminating",
		`{"kind":"CustomResourceDefinition","status":{}}`:       "it is not Established",
		`{"kind":"ConfigMap"}`:                                  "",
	} {
		got := one(t, text).Readiness()
		said := got.Why
		if got.Failed {
			said = "FAILED " + said
		}
		if said != want || got.Ready != (want == "") {
			t.Errorf("%s\n got %+v\nwant %s", text, got, want)
		}
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kind":"Pod","status":{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image"}}}]}}`:                                                      "container c: ImagePullBackOff: Back-off pulling image",
		`{"kind":"Pod","status":{"initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"CrashLoopBackOff"}}}],"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"PodInitializing"}}}]}}`: "container i: CrashLoopBackOff",
		`{"kind":"Pod","status":{"conditions":[{"type":"PodScheduled","status":"False","message":"0/3 nodes are available"}]}}`:                                                                                  "it is on no node: 0/3 nodes are available",
		`{"kind":"Pod","status":{"containerStatuses":[{"name":"c","state":{"running":{}}}]}}`:                                                                                                                    "",
	} {
		if got := one(t, text).Trouble(); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestReadTakesListsApartAndPlacesObjects(t *testing.T) {
	t.Parallel()
	docs := []map[string]any{
		{},
		{"apiVersion": "v1", "kind": "List", "items": []any{map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"}}}},
		{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": "r", "namespace": "x"}},
		{"apiVersion": "x.example/v1", "kind": "Foo", "metadata": map[string]any{"name": "f"}, "spec": module.NewSecret("s")},
	}
	got, err := object.Read(docs, "ns")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range got {
		names = append(names, o.ID().String())
	}
	if diff := cmp.Diff([]string{"Pod ns/p", "ClusterRole r", "Foo f"}, names); diff != "" {
		t.Error(diff)
	}
	if foo := got[2]; !foo.Hidden || foo.At("spec") != "s" || foo.Value().Text != nil {
		t.Errorf("a secret is %+v, shown as %+v", foo, foo.Value())
	}
	if got[1].At("metadata", "namespace") != nil || docs[2]["metadata"].(map[string]any)["namespace"] != "x" {
		t.Error("a document was changed, or a namespace was left")
	}
}

func TestNormalLeavesOutWhatTheServerWrites(t *testing.T) {
	t.Parallel()
	o := one(t, `{"kind":"Pod","metadata":{"name":"p","uid":"1","resourceVersion":"2","generation":3,"creationTimestamp":"x","managedFields":[],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"a":1},"status":{"b":2}}`)
	if diff := cmp.Diff(map[string]any{"kind": "Pod", "metadata": map[string]any{"name": "p"}, "spec": map[string]any{"a": 1}}, o.Normal().Fields); diff != "" {
		t.Error(diff)
	}
	if o.At("status", "b") != 2 {
		t.Error("the object itself was changed")
	}
	if !object.Equal(o, one(t, `{"kind":"Pod","metadata":{"name":"p"},"spec":{"a":1}}`)) || object.Equal(o, one(t, `{"kind":"Pod","metadata":{"name":"p"},"spec":{"a":2}}`)) {
		t.Error("objects are compared wrongly")
	}
}

func TestASecretsDataIsSecretInAPlaybook(t *testing.T) {
	t.Parallel()
	got := one(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","annotations":{"last":"{hunter2}"}},"data":{"k":"hunter2"}}`).Plain()
	want := map[string]any{"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"k": module.NewSecret("hunter2")},
		"metadata": map[string]any{"name": "s", "annotations": map[string]any{"last": module.NewSecret("{hunter2}")}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestYAMLIsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	v := map[string]any{"spec": map[string]any{"list": []any{map[string]any{"b": []any{}, "a": 1}, "x", []any{1, 2.5}}, "text": "a\nb\n"}, "kind": "Foo", "apiVersion": "v1",
		"no": "yes", "n": nil, "ver": "v1.2", "opt": "--flag=1", "num": "012", "e": ""}
	want := "apiVersion: v1\nkind: Foo\ne: \"\"\n\"n\": null\n\"no\": \"yes\"\nnum: \"012\"\nopt: --flag=1\nspec:\n  list:\n  - a: 1\n    b: []\n  - x\n  -\n    - 1\n    - 2.5\n  text: |\n    a\n    b\nver: v1.2\n"
	if diff := cmp.Diff(want, object.YAML(v)); diff != "" {
		t.Error(diff)
	}
}

// FuzzYAML has a real parser read what is shown.
func FuzzYAML(f *testing.F) {
	for _, s := range []string{"a", "a: b", "- x", "x #y", "|", "12", "1e3", "0x1f", "~", "a\nb", "a\n\nb\n\n", " a\nb", "\ta", "null", "v1:", "--flag", "2026-01-02", "a\tb\nc", "!x", "'", "\\", "é", "1:30", "---", "...", "?", "? x", "\n", "a\n ", "<<", "="} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		if strings.ToValidUTF8(s, "") != s || len(s) > 500 { // no key may be longer than 1024
			return
		}
		v := map[string]any{"k": s, "m": map[string]any{"l": []any{s, n, map[string]any{"deep": s}}}}
		if s != "" && s != "<<" {
			v["m"].(map[string]any)["k "+s] = true
		}
		text := object.YAML(v)
		var got map[string]any
		if err := yaml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(v, got); diff != "" {
			t.Fatalf("%s\n%s", diff, text)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p"}},3]}`))
	f.Add([]byte(`{"kind":"Deployment","spec":{"replicas":"x"},"status":{"conditions":[{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := object.Parse(text)
		if err != nil {
			return
		}
		for _, o := range all {
			_, _, _, _ = o.Readiness(), o.Trouble(), o.Value(), o.Plain()
			if !object.Equal(o, o) {
				t.Error("an object differs from itself")
			}
		}
	})
}
