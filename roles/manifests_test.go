package roles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestManifestsArePinned plays the roles that apply others' manifests, on a control
// plane without a cluster, which is as far as those get whose digests are known.
func TestManifestsArePinned(t *testing.T) {
	t.Parallel()
	const noCluster = "ask the cluster: /etc/kubernetes/admin.conf is not there"
	for _, c := range []struct {
		name, role string
		set        given
		want       string // "" for nothing
	}{
		{name: "flannel", role: "network-plugin", want: "fetch"},
		{name: "calico", role: "network-plugin", set: given{"kube_network_plugin": "calico"}, want: "fetch"},
		{name: "kube-router", role: "network-plugin", set: given{"kube_network_plugin": "kube-router"}, want: "fetch"},
		{name: "none", role: "network-plugin", set: given{"kube_network_plugin": "none"}},
		{name: "cni", role: "network-plugin", set: given{"kube_network_plugin": "cni"}},
		{name: "another calico", role: "network-plugin", set: given{"kube_network_plugin": "calico", "calico_version": "3.29.0"},
			want: "no digest is known for calico 3.29.0: set network_plugin_manifest_checksum to sha256: and the digest of " +
				"https://raw.githubusercontent.com/projectcalico/calico/v3.29.0/manifests/calico.yaml, or calico_version to one that is known: 3.30.7, 3.31.6, 3.31.7"},
		{name: "cilium", role: "network-plugin", set: given{"kube_network_plugin": "cilium"},
			want: "run helm template cilium cilium --repo https://helm.cilium.io --version 1.18.5 --namespace kube-system --set ipam.operator.clusterPoolIPv4PodCIDRList=10.233.64.0/18 > cilium.yml and set custom_cni_manifests: [cilium.yml]"},
		{name: "cilium from an address", role: "network-plugin", set: given{"kube_network_plugin": "cilium", "network_plugin_manifest_url": "https://x.example/cilium.yml"},
			want: "no digest is known for cilium 1.18.5: set network_plugin_manifest_checksum to sha256: and the digest of https://x.example/cilium.yml"},
		{name: "no addons", role: "addons"},
		{name: "metrics-server", role: "addons", set: given{"metrics_server_enabled": true}, want: noCluster},
		{name: "local-path-provisioner", role: "addons", set: given{"local_path_provisioner_enabled": true}, want: "fetch"},
		{name: "ingress-nginx", role: "addons", set: given{"ingress_nginx_enabled": true}, want: "fetch"},
		{name: "metallb", role: "addons", set: given{"metallb_enabled": true}, want: "fetch"},
		{name: "dashboard", role: "addons", set: given{"dashboard_enabled": true}, want: "fetch"},
		{name: "another MetalLB", role: "addons", set: given{"metallb_enabled": true, "metallb_version": "0.9.9"},
			want: "no digest is known for metallb 0.9.9: set metallb_manifest_checksum to sha256: and the digest of " +
				"https://raw.githubusercontent.com/metallb/metallb/v0.9.9/config/manifests/metallb-native.yaml, or metallb_version to one that is known: 0.15.3, 0.16.1"},
		{name: "another MetalLB with its digest", role: "addons", set: given{"metallb_enabled": true, "metallb_version": "0.9.9", "metallb_manifest_checksum": "sha256:" + strings.Repeat("0", 64)}, want: "fetch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book := filepath.Join(t.TempDir(), "book.yml")
			if err := os.WriteFile(book, []byte("- hosts: kube_control_plane\n  roles: ["+c.role+"]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			hosts := sound()
			said := play(t, book, three, hosts, c.set)
			got := strings.Join(strings.Fields(said["a"]), " ")
			if !strings.Contains(got, c.want) || c.want == "" && len(said) > 0 {
				t.Errorf("got %v\nwant %s", said, c.want)
			}
			if known := c.want == "fetch" || c.want == noCluster; known && strings.Contains(got, "no digest") {
				t.Error(got)
			}
			if len(hosts["a"].Log) > 0 {
				t.Errorf("it was touched: %q", hosts["a"].Log)
			}
		})
	}
}
