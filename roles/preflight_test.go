package roles_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

const three = `
kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}
kube_node: {hosts: {b: {ip: 10.0.0.2}, c: {ip: 10.0.0.3}}}
`

const balanced = `
kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}
loadbalancer: {hosts: {b: {ip: 10.0.0.2}, c: {ip: 10.0.0.3}}}
`

// nobody is hosts that reach all but one address.
func nobody(address string) func(map[string]*systemtest.Fake) {
	return func(hs map[string]*systemtest.Fake) {
		for _, f := range hs {
			for _, port := range []string{"6443", "8443"} {
				f.Commands["tcp -timeout 1 -refused "+address+":"+port] = systemtest.Fails(3, "no route to host")
			}
		}
	}
}

// sound is hosts on which nothing is wrong.
func sound() map[string]*systemtest.Fake {
	out := map[string]*systemtest.Fake{}
	for i, name := range []string{"a", "b", "c"} {
		f := systemtest.New()
		address := fmt.Sprintf("10.0.0.%d", i+1)
		f.Host.MachineID = "id-" + name
		f.Host.Memory.TotalMB = 4096
		f.Host.Mounts = []system.MountAt{{Path: "/", FreeMB: 50000}}
		f.Host.Network = system.Network{DefaultIPv4: system.Address{Address: address, Prefix: 24, Interface: "eth0"},
			Interfaces: []system.Interface{{Name: "lo", IPv4: []string{"127.0.0.1/8"}, IPv6: []string{}}, {Name: "eth0", IPv4: []string{address + "/24"}, IPv6: []string{}}}}
		f.Files["/proc/net/tcp"] = systemtest.File{Text: "  sl\n   0: 00000000:0016 00000000:0000 0A\n"}
		f.Files["/proc/net/tcp6"] = systemtest.File{Text: "  sl\n"}
		f.Commands["tcp"] = systemtest.Prints("")
		out[name] = f
	}
	return out
}

type given = map[string]any

func TestPreflight(t *testing.T) {
	t.Parallel()
	on := func(name string, do func(*systemtest.Fake)) func(map[string]*systemtest.Fake) {
		return func(hs map[string]*systemtest.Fake) { do(hs[name]) }
	}
	for _, c := range []struct {
		name  string
		inv   string
		set   given
		hosts func(map[string]*systemtest.Fake)
		want  string // "HOST: what it says", "" for nothing
	}{
		{name: "all is well"},
		{name: "no systemd", hosts: on("b", func(f *systemtest.Fake) { f.Host.Init = "openrc" }), want: "b: systemd: process 1 is openrc, systemd is wanted"},
		{name: "another processor", hosts: on("b", func(f *systemtest.Fake) { f.Host.Arch = "mips" }), want: "b: architecture: the processor is mips, amd64 or arm64 is wanted"},
		{name: "what is not done here", set: given{"kube_oidc_auth": true, "kube_token_auth": false, "cloud_provider": "external"}, want: "a: needs: cloud_provider, kube_oidc_auth: gokube does not set up what this asks for"},
		{name: "less than there", set: given{"enable_nodelocaldns": true}},
		{name: "not root", hosts: on("b", func(f *systemtest.Fake) { f.Host.User = system.Identity{Name: "joe", UID: 1000} }), want: "b: root: tasks run as joe, root is wanted: set become: true"},
		{name: "an old kernel", hosts: on("b", func(f *systemtest.Fake) { f.Host.Kernel = "3.10.0-1160.el7" }), want: "b: kernel: the kernel is 3.10.0-1160.el7, at least 4.18 is wanted"},
		{name: "too old for nftables", set: given{"kube_proxy_mode": "nftables"}, hosts: on("b", func(f *systemtest.Fake) { f.Host.Kernel = "5.10.0" }), want: "b: kernel: the kernel is 5.10.0, at least 5.13 is wanted for kube_proxy_mode: nftables"},
		{name: "little memory", hosts: on("b", func(f *systemtest.Fake) { f.Host.Memory.TotalMB = 512 }), want: "b: memory: 512 MB of memory, at least 1024 MB are wanted: give the host more, or set minimal_node_memory_mb"},
		{name: "little memory for a control plane", hosts: on("a", func(f *systemtest.Fake) { f.Host.Memory.TotalMB = 1100 }), want: "a: memory: 1100 MB of memory, at least 1500 MB are wanted: give the host more, or set minimal_master_memory_mb"},
		{name: "a full disk", hosts: on("b", func(f *systemtest.Fake) { f.Host.Mounts = []system.MountAt{{Path: "/", FreeMB: 100}} }), want: "b: disk: 100 MB are free at /, at least 2048 MB are wanted"},
		{name: "cgroup v1", set: given{"kubelet_fail_cgroup_v1": true, "kube_version": "1.35.0"}, hosts: on("b", func(f *systemtest.Fake) { f.Host.Cgroup = 1 }), want: "b: cgroup: the host has cgroup v1, and kubelet 1.35.0 wants v2"},
		{name: "a read-only /usr", hosts: on("b", func(f *systemtest.Fake) { f.Host.OS.ReadOnly = true }), want: "b: folders: /usr is read-only on Debian GNU/Linux and programs are to go to /usr/local/bin: set bin_dir: /opt/bin"},
		{name: "cloned hosts", hosts: on("c", func(f *systemtest.Fake) { f.Host.MachineID = "id-b" }), want: "c: machine-id: the machine id id-b is that of b too: these are clones"},
		{name: "no machine id", hosts: on("c", func(f *systemtest.Fake) { f.Host.MachineID = "" }), want: "c: machine-id: the host has no machine id"},
		{name: "the same address behind NAT", inv: "kube_control_plane: {hosts: {a: }}\nkube_node: {hosts: {b: , c: }}\n", hosts: func(hs map[string]*systemtest.Fake) {
			for _, f := range hs {
				f.Host.Network.DefaultIPv4.Address = "10.0.2.15"
			}
		}, want: "b: address: a, c and this host have the same default address 10.0.2.15: VirtualBox and multipass give each host the same one behind NAT; set ip for each"},
		{name: "the same address given twice", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 10.0.0.2, access_ip: 10.0.0.1}}}\n", want: "b: address: 10.0.0.1 is the address of a too: set ip or access_ip to one of its own"},
		{name: "a loopback address", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 127.0.1.1}}}\n", want: "b: address: the host is to be reached at 127.0.1.1, which is an address that every host has: set ip for it, or access_ip"},
		{name: "somebody else's address", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 10.0.0.77}}}\n", want: "b: address: no interface has the address 10.0.0.77, there are 127.0.0.1, 10.0.0.2: set ip to one of them"},
		{name: "no address at all", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ansible_host: b.example}}}\n", hosts: on("b", func(f *systemtest.Fake) { f.Host.Network.DefaultIPv4 = system.Address{} }), want: "b: address: the address b.example is no IP address, and the host has no default route to tell: set ip for it in the inventory"},
		{name: "pods in the hosts' network", set: given{"kube_pods_subnet": "10.0.0.0/16"}, want: "b: networks: kube_pods_subnet 10.0.0.0/16 overlaps with the network 10.0.0.2/24 of this host: set kube_pods_subnet to one that is free"},
		{name: "services in the hosts' network", set: given{"kube_service_addresses": "10.0.0.0/18"}, want: "b: networks: kube_service_addresses 10.0.0.0/18 overlaps with the network 10.0.0.2/24"},
		{name: "a port in use", hosts: on("b", func(f *systemtest.Fake) {
			f.Files["/proc/net/tcp"] = systemtest.File{Text: "   0: 00000000:280A 00000000:0000 0A\n"}
		}), want: "b: ports: 10250 of those that Kubernetes needs is in use already: stop what listens there"},
		{name: "ports in use by IPv6", hosts: on("a", func(f *systemtest.Fake) {
			f.Files["/proc/net/tcp6"] = systemtest.File{Text: "   0: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A\n   1: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A\n"}
		}), want: "a: ports: 6443, 10250 of those that Kubernetes needs are in use already"},
		{name: "a port in use by the cluster", hosts: on("b", func(f *systemtest.Fake) {
			f.Files["/etc/kubernetes"] = systemtest.Dir()
			f.Files["/proc/net/tcp"] = systemtest.File{Text: "   0: 00000000:280A 00000000:0000 0A\n"}
		})},
		{name: "a wrong clock", set: given{"preflight_clock_skew": -5}, want: "b: clock: its clock is 0 seconds"},
		{name: "k3s", hosts: on("b", func(f *systemtest.Fake) { f.Files["/etc/rancher/k3s"] = systemtest.Dir() }), want: "b: other: the host belongs to k3s already"},
		{name: "another cluster", hosts: func(hs map[string]*systemtest.Fake) {
			for name, f := range hs {
				f.Files["/etc/kubernetes"], f.Files["/etc/kubernetes/pki"] = systemtest.Dir(), systemtest.Dir()
				f.Files["/etc/kubernetes/pki/ca.crt"] = systemtest.File{Text: map[string]string{"c": "other"}[name] + "CA"}
			}
		}, want: "c: cluster: the host is in another cluster: its /etc/kubernetes/pki/ca.crt is not that of a"},
		{name: "a host that is not reached", hosts: on("b", func(f *systemtest.Fake) { f.Commands["tcp -timeout 5 10.0.0.1:22"] = systemtest.Fails(6, "no answer") }), want: "b: peers: it does not reach 10.0.0.1:22: open the way, set access_ip"},
		{name: "a mirror that is not reached", set: given{"files_repo": "http://mirror:8080", "registry_host": "registry:5000"}, hosts: on("b", func(f *systemtest.Fake) {
			f.Commands["tcp -timeout 5 mirror:8080"], f.Commands["tcp -timeout 5 registry:5000"] = systemtest.Fails(3, "refused"), systemtest.Fails(3, "refused")
		}), want: "b: mirrors: mirror:8080, registry:5000 cannot be reached: see files_repo and registry_host"},
		{name: "no way out", hosts: on("b", func(f *systemtest.Fake) { f.Commands["tcp -timeout 5 dl.k8s.io:443"] = systemtest.Fails(3, "refused") }), want: "b: mirrors: dl.k8s.io:443 cannot be reached"},
		{name: "a load balancer that is not there", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9", "port": 8443}}, hosts: on("b", func(f *systemtest.Fake) {
			f.Commands["tcp -timeout 5 -refused 10.0.0.9:8443"] = systemtest.Fails(6, "no answer")
		}), want: "b: endpoint: the load balancer 10.0.0.9:8443 does not answer: bring it up, or set loadbalancer_apiserver to what is there"},
		{name: "a load balancer that leads nowhere before there is a cluster", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}}, hosts: on("b", func(f *systemtest.Fake) {
			f.Commands["tcp -timeout 5 10.0.0.9:6443"] = systemtest.Fails(3, "refused")
		})},
		{name: "a load balancer that leads nowhere though there is a cluster", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}}, hosts: func(hs map[string]*systemtest.Fake) {
			runs("1.34.4")(hs["a"])
			hs["b"].Commands["tcp -timeout 5 10.0.0.9:6443"] = systemtest.Fails(3, "refused")
		}, want: "b: endpoint: the load balancer 10.0.0.9:6443 does not answer"},
		{name: "a load balancer that kube-vip will be", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}, "kube_vip_enabled": true}, hosts: nobody("10.0.0.9")},
		{name: "a load balancer that keepalived will be", inv: balanced, set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}}, hosts: nobody("10.0.0.9")},
		{name: "a load balancer that is one host", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nloadbalancer: {hosts: {b: {ip: 10.0.0.2}}}\n", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.2"}}},
		{name: "a virtual address that somebody has", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}, "kube_vip_enabled": true}, want: "a: endpoint: somebody has the address 10.0.0.9 already, which is to be that of the API servers"},
		{name: "a virtual address that a cluster has", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}, "kube_vip_enabled": true}, hosts: on("a", runs("1.34.4"))},
		{name: "a virtual address of another network", inv: balanced, set: given{"loadbalancer_apiserver": given{"address": "10.9.0.9"}}, hosts: nobody("10.9.0.9"), want: "c: endpoint: the address 10.9.0.9 of loadbalancer_apiserver lies in no network of this host, 10.0.0.3/24"},
		{name: "no control plane", inv: "kube_node: {hosts: {b: {ip: 10.0.0.2}}}\n", want: "b: inventory, groups: there is no host in the group kube_control_plane, one at least is wanted"},
		{name: "no etcd", set: given{"etcd_deployment_type": "host"}, want: "a: inventory, etcd-group: etcd_deployment_type is host and no host is in the group etcd"},
		{name: "an even etcd", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 10.0.0.2}}}\netcd: {hosts: {a: , b: }}\n", want: "a: inventory, etcd-odd: etcd would have 2 members, those of etcd, an odd number is wanted"},
		{name: "even control planes", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}, b: {ip: 10.0.0.2}}}\nkube_node: {hosts: {c: {ip: 10.0.0.3}}}\n", want: "a: inventory, etcd-odd: etcd would have 2 members, those of kube_control_plane"},
		{name: "an old version", set: given{"kube_version": "v1.20.1"}, want: "a: inventory, version: kube_version is v1.20.1, at least 1.31.0 is wanted"},
		{name: "no version", set: given{"kube_version": "latest"}, want: "a: inventory, version: kube_version is latest, a version such as 1.34.4 is wanted"},
		{name: "back to an older version", set: given{"kube_version": "1.33.1"}, hosts: on("a", runs("1.34.4")), want: "a: inventory, skew: the cluster runs Kubernetes 1.34.4 and kube_version is 1.33.1: a cluster is never taken back to an older version; set kube_version: 1.34.4"},
		{name: "an upgrade", set: given{"kube_version": "1.35.0"}, hosts: on("a", runs("1.34.4")), want: "a: inventory, skew: the cluster runs Kubernetes 1.34.4 and kube_version is 1.35.0: cluster.yml does not upgrade"},
		{name: "the same version", hosts: on("a", runs("1.34.4"))},
		{name: "an unknown plugin", set: given{"kube_network_plugin": "weave"}, want: "a: inventory, plugin: kube_network_plugin is weave, one of flannel, calico"},
		{name: "cilium without a manifest", set: given{"kube_network_plugin": "cilium"}, want: "a: inventory, plugin: kube_network_plugin is cilium, which publishes no manifest: render one with helm template"},
		{name: "cilium with a manifest", set: given{"kube_network_plugin": "cilium", "custom_cni_manifests": []any{"cilium.yml"}}},
		{name: "an unknown mode", set: given{"kube_proxy_mode": "userspace"}, want: "a: inventory, proxy-mode: kube_proxy_mode is userspace, one of iptables, nftables, ipvs is wanted"},
		{name: "an unknown runtime", set: given{"container_manager": "docker"}, want: "a: inventory, runtime: container_manager is docker, containerd is wanted"},
		{name: "an unknown etcd", set: given{"etcd_deployment_type": "docker"}, want: "a: inventory, etcd-type: etcd_deployment_type is docker, host or kubeadm is wanted"},
		{name: "no network of pods", set: given{"kube_pods_subnet": "10.244"}, want: "a: inventory, pods-network: kube_pods_subnet is 10.244, a network such as 10.233.64.0/18 is wanted"},
		{name: "too few parts of the pods' network", set: given{"kube_pods_subnet": "10.244.0.0/23"}, want: "a: inventory, pods-network: kube_pods_subnet 10.244.0.0/23 holds 2 parts of /24, and there are 3 hosts"},
		{name: "no part of the pods' network", set: given{"kube_network_node_prefix": 16}, want: "a: inventory, pods-network: kube_network_node_prefix is /16 and kube_pods_subnet 10.233.64.0/18"},
		{name: "services among pods", set: given{"kube_service_addresses": "10.233.64.0/20"}, want: "a: inventory, service-network: kube_service_addresses 10.233.64.0/20 overlaps with kube_pods_subnet 10.233.64.0/18"},
		{name: "too large a network of services", set: given{"kube_service_addresses": "11.0.0.0/8"}, want: "a: inventory, service-network: kube_service_addresses 11.0.0.0/8 has a prefix of 8, 12 to 28 is wanted"},
		{name: "a load balancer at 0.0.0.0", set: given{"loadbalancer_apiserver": given{"address": "0.0.0.0"}}, want: "a: inventory, load-balancer: the address of loadbalancer_apiserver is 0.0.0.0, which leads every host to itself"},
		{name: "a load balancer without an address", set: given{"loadbalancer_apiserver": given{"port": 8443}}, want: "a: inventory, load-balancer: loadbalancer_apiserver has no address"},
		{name: "a load balancer among pods", set: given{"loadbalancer_apiserver": given{"address": "10.233.64.7"}}, want: "a: inventory, load-balancer: the address 10.233.64.7 of loadbalancer_apiserver lies in the network of pods or services"},
		{name: "a virtual address that a host has", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.2"}, "kube_vip_enabled": true}, want: "a: inventory, load-balancer: kube_vip_address is 10.0.0.2, which is a host's own address"},
		{name: "kube-vip without an address", set: given{"kube_vip_enabled": true}, want: "a: inventory, load-balancer: kube_vip_enabled is set, and there is no address to hold"},
		{name: "kube-vip and ipvs", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}, "kube_vip_enabled": true, "kube_proxy_mode": "ipvs"}, hosts: nobody("10.0.0.9"), want: "a: inventory, load-balancer: with kube_proxy_mode: ipvs every host answers"},
		{name: "kube-vip at another port", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9", "port": 8443}, "kube_vip_enabled": true}, hosts: nobody("10.0.0.9"), want: "a: inventory, load-balancer: the port of loadbalancer_apiserver is 8443, and kube-vip leads to 6443"},
		{name: "kube-vip and keepalived", inv: balanced, set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}, "kube_vip_enabled": true}, hosts: nobody("10.0.0.9"), want: "a: inventory, load-balancer: b, c of the group loadbalancer and kube-vip would both have the address 10.0.0.9"},
		{name: "load balancers that nobody uses", inv: balanced, want: "a: inventory, load-balancer: loadbalancer_apiserver has no address, and hosts are in the group loadbalancer"},
		{name: "load balancers at the address of one", inv: balanced, set: given{"loadbalancer_apiserver": given{"address": "10.0.0.2"}}, want: "a: inventory, load-balancer: the address 10.0.0.2 of loadbalancer_apiserver is that of b, and is to move between b, c"},
		{name: "load balancers at somebody else's address", inv: balanced, set: given{"loadbalancer_apiserver": given{"address": "10.0.0.1"}}, want: "a: inventory, load-balancer: the address 10.0.0.1 of loadbalancer_apiserver is that of a, which is not in the group loadbalancer: set that of b, c"},
		{name: "a load balancer in the way of an API server", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nloadbalancer: {hosts: {a: , b: {ip: 10.0.0.2}}}\n", set: given{"loadbalancer_apiserver": given{"address": "10.0.0.9"}}, hosts: nobody("10.0.0.9"), want: "a: inventory, load-balancer: a would have both a load balancer and an API server at port 6443"},
		{name: "names that differ by case", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 10.0.0.2}, B: {ip: 10.0.0.3}}}\n", hosts: func(hs map[string]*systemtest.Fake) { hs["B"] = hs["c"] }, want: "a: inventory, hosts: b, B are the same name"},
		{name: "a name that Kubernetes does not take", inv: "kube_control_plane: {hosts: {a_1: {ip: 10.0.0.1}}}\n", hosts: func(hs map[string]*systemtest.Fake) { hs["a_1"] = hs["a"] }, want: "a_1: name: the host is called a_1, and Kubernetes takes small letters, digits, dashes and dots"},
		{name: "members of the same name", inv: "kube_control_plane: {hosts: {a: {ip: 10.0.0.1}}}\nkube_node: {hosts: {b: {ip: 10.0.0.2}, c: {ip: 10.0.0.3}}}\netcd: {hosts: {a: {etcd_member_name: e}, b: {etcd_member_name: e}, c: }}\n", want: "a: inventory, members: a, b are the same member e of etcd: set etcd_member_name of one of them"},
		{name: "what is passed over", set: given{"preflight_ignore": []any{"memory"}}, hosts: on("b", func(f *systemtest.Fake) { f.Host.Memory.TotalMB = 512 })},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hosts := sound()
			if c.hosts != nil {
				c.hosts(hosts)
			}
			if c.inv == "" {
				c.inv = three
			}
			said := play(t, "preflight.yml", c.inv, hosts, c.set)
			host, want, _ := strings.Cut(c.want, ": ")
			if got := strings.Join(strings.Fields(said[host]), " "); c.want != "" && !strings.Contains(got, want) || c.want == "" && len(said) > 0 {
				t.Errorf("got %v\nwant %s", said, c.want)
			}
			for name, f := range hosts {
				if len(f.Log) > 0 {
					t.Errorf("%s was touched: %q", name, f.Log)
				}
			}
		})
	}
}

// runs is a control plane of a version.
func runs(version string) func(*systemtest.Fake) {
	return func(f *systemtest.Fake) {
		for _, d := range []string{"/etc/kubernetes", "/etc/kubernetes/pki", "/etc/kubernetes/manifests"} {
			f.Files[d] = systemtest.Dir()
		}
		f.Files["/etc/kubernetes/pki/ca.crt"] = systemtest.File{Text: "CA"}
		f.Files["/etc/kubernetes/manifests/kube-apiserver.yaml"] = systemtest.File{Text: "image: registry.k8s.io/kube-apiserver:v" + version + "\n"}
	}
}

func TestPreflightTellsAllAtOnce(t *testing.T) {
	t.Parallel()
	hosts := sound()
	hosts["a"].Host.Memory.TotalMB, hosts["a"].Host.Arch, hosts["c"].Host.Arch = 10, "mips", "mips"
	said := play(t, "preflight.yml", three, hosts, given{"kube_version": "1.2.3", "container_manager": "docker"})
	for host, findings := range map[string][]string{"a": {"architecture", "memory", "inventory, runtime", "inventory, version"}, "c": {"architecture"}} {
		for _, f := range findings {
			if !strings.Contains(said[host], "- "+f+": ") {
				t.Errorf("%s does not tell of %s: %s", host, f, said[host])
			}
		}
	}
}
