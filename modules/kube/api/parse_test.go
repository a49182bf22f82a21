package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system/ip"
	"github.com/gokube/gokube/modules/kube/api/object"
)

func TestAnInventoryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	s := &set{name: "x", namespace: "kube-system"}
	for _, id := range []object.ID{{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "a", Name: "b"}, {APIVersion: "v1", Kind: "Namespace", Name: "c"}} {
		s.objects = append(s.objects, id.Object())
	}
	if diff := cmp.Diff(s.objects, remembered(s.inventory())); diff != "" {
		t.Error(diff)
	}
}

func TestPodSubnet(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"networking:\n  dnsDomain: cluster.local\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n": "10.244.0.0/16",
		"networking:\n  podSubnet: \"10.0.0.0/8,fd00::/48\"\n":                                                 "10.0.0.0/8,fd00::/48",
		"networking: {}\n": "",
	} {
		if got := podSubnet(text); got != want {
			t.Errorf("%q gives %q", text, got)
		}
	}
}

func prefix(t *testing.T, s string) ip.Prefix {
	t.Helper()
	p, err := ip.ParsePrefix(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPoolsOfPlugins(t *testing.T) {
	t.Parallel()
	want, err := prefixes("x", "10.244.0.0/16,fd00::/48")
	if err != nil {
		t.Fatal(err)
	}
	for value, fits := range map[string]bool{"10.244.0.0/16": true, "10.244.8.0/24": true, "10.0.0.0/8": false, "fd00::/64": true, "fd01::/64": false} {
		if _, got := (pool{}).fits(prefix(t, value), want); got != fits {
			t.Errorf("%s fits: %t", value, got)
		}
	}
	if _, fits := (pool{exact: true}).fits(prefix(t, "10.244.8.0/24"), want); fits {
		t.Error("a part of the range is the range")
	}
	objects, err := object.Parse([]byte(`{"kind":"List","items":[
		{"kind":"ConfigMap","metadata":{"name":"cilium-config"},"data":{"ipam":"cluster-pool","cluster-pool-ipv4-cidr":"10.0.0.0/8"}},
		{"kind":"IPPool","metadata":{"name":"p"},"spec":{"cidr":"10.1.0.0/16"}},
		{"kind":"Installation","apiVersion":"operator.tigera.io/v1","metadata":{"name":"default"},"spec":{"calicoNetwork":{"ipPools":[{"cidr":"10.2.0.0/16"}]}}},
		{"kind":"DaemonSet","metadata":{"name":"weave-net"},"spec":{"template":{"spec":{"containers":[{"env":[{"name":"IPALLOC_RANGE","value":"10.3.0.0/16"},{"name":"OTHER","value":"x"}]}]}}}},
		{"kind":"ConfigMap","metadata":{"name":"f"},"data":{"net-conf.json":"{\"Network\":\"10.4.0.0/16\",\"IPv6Network\":\"fd00::/48\"}"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, p := range pools(objects) {
		got[p.value] = true
		p.put("10.9.0.0/16")
	}
	if diff := cmp.Diff(map[string]bool{"10.0.0.0/8": true, "10.1.0.0/16": true, "10.2.0.0/16": true, "10.3.0.0/16": true, "10.4.0.0/16": true, "fd00::/48": true}, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range pools(objects) {
		if p.value != "10.9.0.0/16" {
			t.Errorf("%s is still %s", p.where, p.value)
		}
	}
	for _, c := range []struct {
		i      int
		plugin string
	}{{0, "cilium"}, {2, "calico"}, {3, "weave"}, {4, "flannel"}, {1, "custom"}} {
		if got := detect(objects[c.i : c.i+1]); got != c.plugin {
			t.Errorf("%s is taken for %s", c.plugin, got)
		}
	}
}

func FuzzRemembered(f *testing.F) {
	f.Add("apps/v1 Deployment a/b\nv1 Namespace c\n")
	f.Fuzz(func(t *testing.T, text string) {
		o := object.Object{Fields: map[string]any{"data": map[string]any{"objects": text}}}
		for _, r := range remembered(o) {
			if id := r.ID(); id.Kind == "" || id.APIVersion == "" {
				t.Errorf("read %+v", id)
			}
		}
		_, _ = prefixes("x", podSubnet(text))
	})
}
