//go:build e2e && linux

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestClusterAddons makes a small cluster with kube-router for its network and with
// all addons that the mirror has, keeps the promise, and uses each.
func TestClusterAddons(t *testing.T) {
	l := clusterLab(t, "e2e-addons", 2)
	pool := free(t, l)
	given, err := json.Marshal(map[string]any{"metallb_ip_range": []string{pool + "-" + pool}})
	if err != nil {
		t.Fatal(err)
	}
	keeps(t, l, grouped(t, "addons", "-e", string(given)))
	c := &cluster{l, "host1"}
	t.Run("works", func(t *testing.T) { c.works(t, 2) })
	t.Run("data path", func(t *testing.T) { c.serves(t) })
	t.Run("metrics", func(t *testing.T) { c.measures(t) })
	t.Run("storage", func(t *testing.T) { c.stores(t) })
	t.Run("load balancer", func(t *testing.T) { c.balances(t, pool) })
}

// measures says that the API tells how much of each host is used.
func (c *cluster) measures(t *testing.T) {
	top := c.kubectl(t, "top nodes --no-headers")
	for _, h := range c.Hosts() {
		if !strings.Contains(top, h.Name+" ") || strings.Contains(top, "<unknown>") {
			t.Errorf("%s is not measured:\n%s", h.Name, top)
		}
	}
}

// claim is storage, and a pod that writes to it and ends.
const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec: {accessModes: [ReadWriteOnce], storageClassName: local-path, resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  restartPolicy: Never
  volumes: [{name: kept, persistentVolumeClaim: {claimName: kept}}]
  containers:
  - name: writer
    image: docker.io/library/busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, "echo hello > /kept/file && cat /kept/file"]
    volumeMounts: [{name: kept, mountPath: /kept}]
`

// stores says that a claim gets storage, which a pod writes to.
func (c *cluster) stores(t *testing.T) {
	c.sh(t, c.admin, kubectl+"apply -f - <<'X'"+claim+"X")
	c.kubectl(t, "wait --for jsonpath={.status.phase}=Succeeded pod/writer --timeout 60s")
	if said := c.kubectl(t, "logs writer"); said != "hello\n" {
		t.Errorf("the pod says %q", said)
	}
	if phase := c.kubectl(t, "get pvc kept -o jsonpath={.status.phase}"); phase != "Bound" {
		t.Errorf("the claim is %s", phase)
	}
	if found := c.sh(t, "host2", "cat /opt/local-path-provisioner/*/file"); found != "hello\n" {
		t.Errorf("the worker has %q", found)
	}
	c.kubectl(t, "delete pod/writer pvc/kept")
	c.await(t, "host2", "test -z \"$(ls /opt/local-path-provisioner)\"")
}

// balances says that a service has the address, and answers there to this machine.
func (c *cluster) balances(t *testing.T, address string) {
	c.kubectl(t, "expose deploy web --name public --type LoadBalancer --port 80 --target-port 8080")
	c.await(t, c.admin, "test \"$("+kubectl+"get svc public -o jsonpath={.status.loadBalancer.ingress[0].ip})\" = "+address)
	fetch(t, "http://"+address+"/")
}
