//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokube/gokube/cmd/internal/lab"
)

const clusterBook = "../../playbooks/cluster.yml"

// clusterLab makes bare hosts that a cluster can be installed on, from the lab's
// own mirror.
func clusterLab(t *testing.T, name string, hosts int) *lab.Lab {
	t.Helper()
	return up(t, lab.Options{Name: name, Hosts: hosts, Image: "plain", Sudo: lab.SudoFree, Mirror: true})
}

// free is an address of the lab's network that no host has.
func free(t *testing.T, l *lab.Lab) string {
	t.Helper()
	a, err := netip.ParseAddr(l.Hosts()[0].Address)
	if err != nil {
		t.Fatal(err)
	}
	four := a.As4()
	four[3] = 200
	return netip.AddrFrom4(four).String()
}

// grouped is cluster.yml for the groups of hosts in testdata/lab/groups.
func grouped(t *testing.T, groups string, args ...string) book {
	return book{path: clusterBook, args: append([]string{"-i", "../../testdata/lab/groups/" + groups + ".yml",
		"-e", "artifacts_dir=" + filepath.Join(t.TempDir(), "artifacts")}, args...)}
}

// TestCluster makes a cluster of bare hosts as a user would, keeps the promise, and
// then asks the cluster to prove that it works.
func TestCluster(t *testing.T) {
	l := clusterLab(t, "e2e-cluster", 6)
	ha := grouped(t, "ha")
	keeps(t, l, ha)
	c := &cluster{l, "host1"}
	t.Run("works", func(t *testing.T) { c.works(t, 5) })
	t.Run("etcd", func(t *testing.T) { c.members(t, "host1", 3) })
	t.Run("names", func(t *testing.T) { c.sans(t) })
	t.Run("data path", func(t *testing.T) { c.serves(t) })
	t.Run("a sixth host", func(t *testing.T) { c.grows(t, ha) })
	t.Run("a control plane less", func(t *testing.T) { c.survives(t) })
}

// TestClusterEtcd is the same with etcd on hosts of its own.
func TestClusterEtcd(t *testing.T) {
	l := clusterLab(t, "e2e-etcd", 5)
	keeps(t, l, grouped(t, "etcd"))
	c := &cluster{l, "host4"}
	t.Run("works", func(t *testing.T) { c.works(t, 2) })
	t.Run("data path", func(t *testing.T) { c.serves(t) })
	t.Run("closed to strangers", func(t *testing.T) {
		for _, h := range c.Hosts()[:3] {
			out := c.try("host5", "curl -sk -m 5 https://"+h.Address+":2379/health; echo status $?")
			if strings.Contains(out, "health") || strings.Contains(out, "status 0") {
				t.Errorf("etcd on %s answers without a client certificate: %s", h.Name, out)
			}
		}
	})
}

// cluster is a lab with a cluster on it, and a host that can talk to it.
type cluster struct {
	*lab.Lab
	admin string
}

func (c *cluster) sh(t *testing.T, host, script string) string {
	t.Helper()
	out, err := c.Exec(t.Context(), host, "sh", "-c", script)
	if err != nil {
		t.Fatalf("%s: %s: %v\n%s", host, script, err, out)
	}
	return string(out)
}

// try runs a script that may fail and gives all it prints.
func (c *cluster) try(host, script string) string {
	out, _ := c.Exec(context.Background(), host, "sh", "-c", "("+script+") 2>&1")
	return string(out)
}

const kubectl = "PATH=$PATH:/usr/local/bin kubectl --kubeconfig /etc/kubernetes/admin.conf "

func (c *cluster) kubectl(t *testing.T, args string) string {
	t.Helper()
	return c.sh(t, c.admin, kubectl+args)
}

// await runs a script on a host until it succeeds.
func (c *cluster) await(t *testing.T, host, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for {
		out, err := c.Exec(ctx, host, "sh", "-c", script+" 2>&1")
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: waited in vain for: %s\n%s", host, script, out)
		case <-time.After(time.Second):
		}
	}
}

// works says that every host is ready and every pod runs.
func (c *cluster) works(t *testing.T, hosts int) {
	var list struct {
		Items []struct {
			Metadata struct{ Name string }
			Status   struct {
				Phase      string
				Conditions []struct{ Type, Status string }
			}
		}
	}
	read := func(what string) {
		t.Helper()
		list.Items = nil
		if err := json.Unmarshal([]byte(c.kubectl(t, "get -A -o json "+what)), &list); err != nil {
			t.Fatal(err)
		}
	}
	read("nodes")
	if len(list.Items) != hosts {
		t.Errorf("%d hosts are in the cluster, want %d", len(list.Items), hosts)
	}
	ready := struct{ Type, Status string }{"Ready", "True"}
	for _, n := range list.Items {
		if !slices.Contains(n.Status.Conditions, ready) {
			t.Errorf("%s is not ready", n.Metadata.Name)
		}
	}
	read("pods")
	for _, p := range list.Items {
		if p.Status.Phase != "Running" && p.Status.Phase != "Succeeded" {
			t.Errorf("pod %s: %s", p.Metadata.Name, p.Status.Phase)
		}
	}
}

// members waits until kubeadm's etcd has as many healthy members on that host's word.
func (c *cluster) members(t *testing.T, host string, want int) {
	t.Helper()
	pod := kubectl + "-n kube-system exec etcd-" + host + " -- etcdctl --cacert /etc/kubernetes/pki/etcd/ca.crt" +
		" --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key --endpoints https://127.0.0.1:2379 "
	c.await(t, host, fmt.Sprintf("health=$(%sendpoint health --cluster 2>&1); echo \"$health\"; test $(echo \"$health\" | grep -c 'is healthy') = %d", pod, want))
}

// sans says that the API servers' certificates hold what they are called by.
func (c *cluster) sans(t *testing.T) {
	for _, h := range c.Hosts()[:3] {
		cert := c.sh(t, h.Name, "cat /etc/kubernetes/pki/apiserver.crt")
		out, err := openssl(t, cert)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"DNS:kubernetes.default.svc.cluster.local", "DNS:" + h.Name, "IP Address:" + h.Address, "IP Address:127.0.0.1", "IP Address:10.233.0.1"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %s is not in the certificate: %s", h.Name, want, out)
			}
		}
	}
}

func openssl(t *testing.T, cert string) (string, error) {
	cmd := exec.CommandContext(t.Context(), "openssl", "x509", "-noout", "-ext", "subjectAltName")
	cmd.Stdin = strings.NewReader(cert)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
