//go:build e2e && linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab"
)

// TestClusterVirtualAddress makes clusters whose API servers have one address that no
// host has for good, keeps the promise, and then kills the host that has it. In place
// of kube-vip, which cannot be had, a program of the lab's own stands in.
func TestClusterVirtualAddress(t *testing.T) {
	var sum promise
	t.Run("kube-vip's stand-in", func(t *testing.T) {
		v := virtual(t, "e2e-vip", 3, "vip")
		sum.keeps(t, v.Lab, v.book)
		v.proves(t, 3)
		v.modest(t)
		was := v.moves(t)
		v.admin = others(v.Hosts(), was)[0]
		v.through(t)
	})
	t.Run("haproxy and keepalived", func(t *testing.T) {
		v := virtual(t, "e2e-balanced", 4, "balanced")
		sum.keeps(t, v.Lab, v.book)
		v.proves(t, 2)
		foreign := book{v.book.path, append([]string{"-i", v.foreign(t)}, v.book.args[2:]...)}
		sum.settled(t, "run behind somebody else's load balancers", play(t, v.Lab, foreign, "--diff"))
		v.fails(t)
		v.moves(t)
		v.through(t)
	})
	sum.result(t)
}

// virtualCluster is a cluster whose API servers have a virtual address.
type virtualCluster struct {
	cluster
	book    book // begins with the file of groups
	address string
}

// virtual is a lab for a cluster at an address that no host has.
func virtual(t *testing.T, name string, hosts int, groups string) *virtualCluster {
	t.Helper()
	l := clusterLab(t, name, hosts)
	v := &virtualCluster{cluster: cluster{l, "host1"}, address: free(t, l)}
	v.book = grouped(t, groups, "-e", fmt.Sprintf("{\"loadbalancer_apiserver\": {\"address\": %q}}", v.address))
	return v
}

// foreign is a file of groups that knows nothing of the load balancers.
func (v *virtualCluster) foreign(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "groups.yml")
	text := "kube_control_plane: {hosts: {host1: }}\nkube_node: {hosts: {host2: }}\nall: {vars: {etcd_deployment_type: kubeadm, kubeconfig_localhost: true}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// proves says that the cluster works, and that all who use it do so at the address.
func (v *virtualCluster) proves(t *testing.T, hosts int) {
	t.Helper()
	if t.Failed() {
		t.FailNow()
	}
	v.works(t, hosts)
	v.through(t)
	out, err := openssl(t, v.sh(t, v.admin, "cat /etc/kubernetes/pki/apiserver.crt"))
	if err != nil || !strings.Contains(out, "IP Address:"+v.address) {
		t.Errorf("%s is not in the certificate: %v: %s", v.address, err, out)
	}
	at := strings.TrimPrefix(v.book.args[slices.IndexFunc(v.book.args, func(a string) bool { return strings.HasPrefix(a, "artifacts_dir=") })], "artifacts_dir=")
	if admin, err := os.ReadFile(filepath.Join(at, "admin.conf")); err != nil || !strings.Contains(string(admin), "server: https://"+v.address+":6443") {
		t.Errorf("the administrator's kubeconfig does not lead to %s: %v", v.address, err)
	}
}

// through asks the API at the address, and believes its certificate only.
func (v *virtualCluster) through(t *testing.T) {
	t.Helper()
	v.await(t, v.admin, kubectl+"--request-timeout 5s --server https://"+v.address+":6443 get nodes")
}

// modest says that kube-vip has an administrator's rights, and no more.
func (v *virtualCluster) modest(t *testing.T) {
	t.Helper()
	for _, h := range v.Hosts() {
		if out := v.sh(t, h.Name, "cat /etc/kubernetes/manifests/kube-vip.yaml"); !strings.Contains(out, "/etc/kubernetes/admin.conf") || strings.Contains(out, "super-admin") {
			t.Errorf("%s: kube-vip has other rights than those of admin.conf: %s", h.Name, out)
		}
	}
}

// holder is the one host that has the address, as soon as there is one.
func (v *virtualCluster) holder(t *testing.T, among []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		var have []string
		for _, h := range among {
			if strings.Contains(v.try(h, "ip -o addr show"), " "+v.address+"/") {
				have = append(have, h)
			}
		}
		if len(have) == 1 {
			return have[0]
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s is at %v", v.address, have)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// moves kills the host that has the address; another has it then.
func (v *virtualCluster) moves(t *testing.T) string {
	t.Helper()
	was := v.holder(t, others(v.Hosts(), ""))
	begun := time.Now()
	if err := v.Kill(t.Context(), was); err != nil {
		t.Fatal(err)
	}
	rest := others(v.Hosts(), was)
	now := v.holder(t, rest)
	rest = slices.DeleteFunc(rest, func(h string) bool { return h == now })
	v.await(t, rest[0], "curl -sk -m 2 https://"+v.address+":6443/readyz")
	t.Logf("%s was killed, %s has the address: it answers again after %v", was, now, time.Since(begun).Round(100*time.Millisecond))
	return was
}

// fails stops the load balancer on the host that has the address, where another haproxy
// goes on: another host has the address then, until it runs again.
func (v *virtualCluster) fails(t *testing.T) {
	t.Helper()
	was := v.holder(t, others(v.Hosts(), ""))
	v.sh(t, was, "systemctl is-active haproxy && systemctl stop gokube-loadbalancer")
	v.await(t, v.admin, "curl -sk -m 2 https://"+v.address+":6443/readyz")
	v.holder(t, others(v.Hosts(), was))
	v.sh(t, was, "systemctl start gokube-loadbalancer")
	v.holder(t, []string{was})
}

// others are the names of all hosts but one.
func others(hosts []lab.Host, but string) []string {
	var out []string
	for _, h := range hosts {
		if h.Name != but {
			out = append(out, h.Name)
		}
	}
	return out
}
