//go:build e2e && linux

package main

import (
	"fmt"
	"strings"
	"testing"
)

// masters is an inventory of control planes on the lab's hosts.
const masters = "kube_control_plane:\n  hosts: {host1: , host2: , host3: }\nall:\n  vars: {etcd_deployment_type: kubeadm}\n"

// TestClusterPreflight meets hosts and inventories that cannot become a cluster:
// what is wrong is said before anything is touched.
func TestClusterPreflight(t *testing.T) {
	l := &faultLab{clusterLab(t, "e2e-preflight", 3), t.TempDir()}
	n := 0
	groups := func(text string) []string {
		n++
		return []string{"-i", l.file(t, fmt.Sprintf("groups%d.yml", n), text)}
	}
	set := func(args ...string) []string { return append(groups(masters), args...) }
	cluster := func(t *testing.T, code int, args ...string) string {
		t.Helper()
		return l.start(t, append([]string{"play", clusterBook}, args...)...).end(t, code)
	}
	for _, tc := range []struct {
		name, before, after string // scripts on host1
		args                []string
		want                []string
	}{
		{"no control plane", "", "", groups("kube_node:\n  hosts: {host1: }\n"), []string{"host1:", "no host in the group kube_control_plane", "put it into the inventory"}},
		{"even etcd", "", "", groups("kube_control_plane:\n  hosts: {host1: , host2: }\nall:\n  vars: {etcd_deployment_type: kubeadm}\n"), []string{"etcd would have 2 members", "an odd number is wanted"}},
		{"no etcd", "", "", groups("kube_control_plane:\n  hosts: {host1: }\nall:\n  vars: {etcd_deployment_type: host}\n"), []string{"no host is in the group etcd", "set etcd_deployment_type: kubeadm"}},
		{"old version", "", "", set("-e", "kube_version=1.20.1"), []string{"kube_version is 1.20.1, at least"}},
		{"no version", "", "", set("-e", "kube_version=latest"), []string{"a version such as 1.34.4 is wanted"}},
		{"networks overlap", "", "", set("-e", "kube_service_addresses=10.233.64.0/20"), []string{"10.233.64.0/20 overlaps with kube_pods_subnet"}},
		{"network of the hosts", "", "", set("-e", "kube_pods_subnet=10.0.0.0/8"), []string{"kube_pods_subnet 10.0.0.0/8 overlaps with the network", "of this host"}},
		{"small network", "", "", set("-e", "kube_pods_subnet=10.233.64.0/23"), []string{"set a larger kube_pods_subnet"}},
		{"unknown plugin", "", "", set("-e", "kube_network_plugin=weave"), []string{"kube_network_plugin is weave, one of"}},
		{"unknown proxy mode", "", "", set("-e", "kube_proxy_mode=ebpf"), []string{"kube_proxy_mode is ebpf, one of"}},
		{"memory", "", "", set("-e", "minimal_master_memory_mb=99999999"), []string{"failed:      host1 host2 host3", "MB of memory, at least 99999999 MB", "minimal_master_memory_mb"}},
		{"disk", "", "", set("-e", "preflight_free_disk_mb=99999999"), []string{"at least 99999999 MB are wanted"}},
		{"load balancer everywhere", "", "", set("-e", `{"loadbalancer_apiserver": {"address": "0.0.0.0"}}`), []string{"the address of loadbalancer_apiserver is 0.0.0.0, which leads every host to itself"}},
		{"load balancer nowhere", "", "", set("-e", `{"loadbalancer_apiserver": {"address": "10.255.255.1"}, "preflight_timeout": 1}`), []string{"the load balancer 10.255.255.1:6443 does not answer"}},
		{"mirror nowhere", "", "", set("-e", "files_repo=http://10.255.255.1:1", "-e", "preflight_timeout=1"), []string{"10.255.255.1:1 cannot be reached: see files_repo"}},
		{"one address for two", "", "", set("-e", `access_ip=10.0.0.1`), []string{"is the address of", "set ip or access_ip"}},
		{"address of nobody", "", "", set("-e", `{"ip": "10.255.255.7", "access_ip": "{{ .ansible_host }}"}`), []string{"no interface has the address 10.255.255.7"}},
		{"clock", "", "", set("-e", "preflight_clock_skew=-3600"), []string{"ours, -3600 at most are wanted"}},
		{"port in use", "systemd-run -q --unit holds perl -MIO::Socket::INET -e 'our @s = IO::Socket::INET->new(Listen => 1, LocalPort => 6443); sleep 1000'; until grep -q :192B /proc/net/tcp; do sleep 0.1; done", "systemctl stop holds", set(),
			[]string{"host1:", "6443 of those that Kubernetes needs is in use already"}},
		{"another distribution", "mkdir -p /etc/rancher/k3s", "rm -r /etc/rancher", set(), []string{"host1:", "the host belongs to k3s already"}},
		{"another version", "mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests; echo CA > /etc/kubernetes/pki/ca.crt; echo '  image: registry.k8s.io/kube-apiserver:v1.34.4' > /etc/kubernetes/manifests/kube-apiserver.yaml", "rm -r /etc/kubernetes",
			set("-e", "kube_version=1.33.1"), []string{"the cluster runs Kubernetes 1.34.4 and kube_version is 1.33.1", "never taken back to an older version"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.before != "" {
				l.sh(t, tc.before)
				defer l.sh(t, tc.after)
			}
			says(t, cluster(t, 2, tc.args...), tc.want...)
		})
	}
	on := func(t *testing.T, host, script string) string {
		t.Helper()
		out, err := l.Exec(t.Context(), host, "sh", "-c", script)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	t.Run("another cluster", func(t *testing.T) {
		for host, text := range map[string]string{"host1": "ours", "host2": "theirs"} {
			on(t, host, "mkdir -p /etc/kubernetes/pki; echo "+text+" > /etc/kubernetes/pki/ca.crt")
			defer on(t, host, "rm -r /etc/kubernetes")
		}
		says(t, cluster(t, 2, set()...), "host2:", "the host is in another cluster: its /etc/kubernetes/pki/ca.crt is not that of host1")
	})
	t.Run("clones", func(t *testing.T) {
		id, own := on(t, "host1", "cat /etc/machine-id"), on(t, "host2", "cat /etc/machine-id")
		on(t, "host2", "echo "+id+" > /etc/machine-id")
		defer on(t, "host2", "echo "+own+" > /etc/machine-id")
		says(t, cluster(t, 2, set()...), "host2:", "the machine id "+id+" is that of host1 too", "run systemd-machine-id-setup")
	})
	var p promise
	p.untouched(t, l.Lab, "a preflight that found something")
	t.Run("mirror", func(t *testing.T) { mirrorFaults(t, l) })
}

// mirrorFaults has the mirror give what it should not.
func mirrorFaults(t *testing.T, l *faultLab) {
	const archive = "containerd-2.3.7-linux-amd64.tar.gz"
	text := "- hosts: host1\n  become: true\n  roles: [cluster-defaults, preinstall, container-runtime]\n"
	path := l.file(t, "runtime.yml", text)
	for fault, want := range map[string]string{
		"404:" + archive: "404", "500:" + archive: "500", "half:" + archive: "", "wrong:" + archive: "its SHA-256 is",
	} {
		t.Run(fault[:4], func(t *testing.T) {
			if err := l.SetMirrorFaults(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			out := l.start(t, "play", path).end(t, 2)
			says(t, out, `host1: task "containerd is downloaded" (`, archive, want)
			l.sh(t, "! ls /var/cache/gokube/"+archive+" 2>/dev/null")
		})
	}
}
