// Package draft writes the first inventory of a cluster: hosts, groups, and a
// skeleton of group_vars. It knows the names that the built-in roles give to groups
// and variables, and nothing else of them.
package draft

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gokube/gokube/engine/diag"
)

// Cluster is what an inventory is written for.
type Cluster struct {
	Hosts         []Host
	ControlPlanes int    // how many of the hosts, from the first; 0 means 3, or 1 of less than three
	Etcd          int    // how many; 0 means as many as control planes, on the same hosts
	User          string // that gokube logs in as; "" is left open
}

// settle fills in what is not said, and refuses what cannot be.
func (c *Cluster) settle() error {
	n := len(c.Hosts)
	if c.ControlPlanes == 0 {
		if c.ControlPlanes = 3; n < 3 {
			c.ControlPlanes = 1
		}
	}
	if c.Etcd == 0 {
		c.Etcd = c.ControlPlanes
	}
	for what, count := range map[string]int{"control planes": c.ControlPlanes, "hosts of etcd": c.Etcd} {
		if count < 0 || count > n {
			return diag.Diagnostic{Summary: "wrong number of hosts", Detail: fmt.Sprintf("%d %s of %d hosts", count, what, n)}
		}
	}
	if c.Etcd%2 == 0 {
		return diag.Diagnostic{Summary: "even number of hosts of etcd", Detail: fmt.Sprint(c.Etcd),
			Hint: fmt.Sprintf("%d of them survive no more failures than %d; say --etcd %d", c.Etcd, c.Etcd-1, c.Etcd-1)}
	}
	return nil
}

// Files are the inventory's files, by path with slashes.
func (c Cluster) Files() (map[string]string, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	return map[string]string{
		"hosts.yml":                              c.inventory(),
		"group_vars/all/all.yml":                 c.all(),
		"group_vars/all/etcd.yml":                c.etcd(),
		"group_vars/k8s_cluster/k8s-cluster.yml": cluster,
	}, nil
}

// workers are the hosts that run what users deploy: those that are not control
// planes, or all if there are no others.
func (c Cluster) workers() []Host {
	if c.ControlPlanes == len(c.Hosts) {
		return c.Hosts
	}
	return c.Hosts[c.ControlPlanes:]
}

func (c Cluster) inventory() string {
	var b strings.Builder
	b.WriteString("all:\n  hosts:\n")
	for _, h := range c.Hosts {
		ip := text(h.IP)
		fmt.Fprintf(&b, "    %s:\n      ansible_host: %s\n      ip: %s\n      access_ip: %s\n", h.Name, ip, ip, ip)
	}
	b.WriteString("  children:\n")
	group(&b, "kube_control_plane", c.Hosts[:c.ControlPlanes])
	group(&b, "etcd", c.Hosts[:c.Etcd])
	group(&b, "kube_node", c.workers())
	b.WriteString("    k8s_cluster:\n      children:\n        kube_control_plane:\n        kube_node:\n")
	return b.String()
}

func group(b *strings.Builder, name string, hosts []Host) {
	fmt.Fprintf(b, "    %s:\n      hosts:\n", name)
	for _, h := range hosts {
		fmt.Fprintf(b, "        %s:\n", h.Name)
	}
}

// text is a as YAML reads it: colons need quotes.
func text(a netip.Addr) string {
	if a.Is6() {
		return fmt.Sprintf("%q", a.String())
	}
	return a.String()
}

func (c Cluster) all() string {
	user := "# ansible_user: root"
	if c.User != "" {
		user = fmt.Sprintf("ansible_user: %q", c.User)
	}
	return "# How hosts are reached.\n" + user + "\n" + reach
}

// etcd says where etcd runs: beside the control planes, or on hosts of its own.
func (c Cluster) etcd() string {
	kind := "kubeadm"
	if c.Etcd != c.ControlPlanes {
		kind = "host"
	}
	return "# kubeadm: a member beside each control plane. host: a service on the hosts of the group etcd.\netcd_deployment_type: " + kind + "\n"
}

const reach = `# ansible_become: true

# A load balancer in front of the control planes' API. Without one, each host has a
# proxy of its own.
# loadbalancer_apiserver:
#   address: 10.0.0.10
#   port: 6443
# loadbalancer_apiserver_localhost: true

# A mirror of what is downloaded, and of container images: sites without Internet.
# files_repo: http://mirror.example
# registry_host: registry.example:5000
`

const cluster = `# kube_version: 1.34.4
# cluster_name: cluster.local

# Networks that are used nowhere else.
# kube_service_addresses: 10.233.0.0/18
# kube_pods_subnet: 10.233.64.0/18

# kube_network_plugin: flannel
# kube_proxy_mode: iptables
# container_manager: containerd

# Bring the kubeconfig, and kubectl, to this machine.
# kubeconfig_localhost: true
# kubectl_localhost: true
`
