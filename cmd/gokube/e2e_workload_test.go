//go:build e2e && linux

package main

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// web is a small web server on every worker, a service, and a port on every host.
const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers:
      - {name: web, image: "ghcr.io/gokube/httpd:1"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
`

// serves says that a service answers from every host, and to pods by its name.
func (c *cluster) serves(t *testing.T) {
	c.sh(t, c.admin, kubectl+"apply -f - <<'X'"+web+"X")
	c.kubectl(t, "rollout status deploy/web --timeout 120s")
	ip := strings.TrimSpace(c.kubectl(t, "get svc web -o jsonpath={.spec.clusterIP}"))
	for name := range strings.FieldsSeq(c.kubectl(t, "get nodes -o jsonpath={.items[*].metadata.name}")) {
		c.await(t, name, "curl -sf -m 4 http://"+ip+"/")
		for _, h := range c.Hosts() {
			if h.Name == name {
				fetch(t, "http://"+h.Address+":30080/")
			}
		}
	}
	for pod := range strings.FieldsSeq(c.kubectl(t, "get pods -l app=web -o jsonpath={.items[*].metadata.name}")) {
		c.await(t, c.admin, kubectl+"exec "+pod+" -- /httpd get http://web.default.svc.cluster.local/")
	}
}

// fetch fetches url from this machine, until there is an answer.
func fetch(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := http.Client{Timeout: 4 * time.Second}
	for {
		r, err := client.Get(url)
		if err == nil {
			_, err = io.ReadAll(r.Body)
			_ = r.Body.Close()
			if err == nil && r.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("fetch %s: %v", url, err)
		case <-time.After(time.Second):
		}
	}
}

// grows adds a host: nothing changes but on it, and what must know of it.
func (c *cluster) grows(t *testing.T, ha book) {
	start := time.Now()
	more := slices.Clone(ha.args)
	more[1] = strings.Replace(more[1], "ha.yml", "ha-more.yml", 1)
	out := play(t, c.Lab, book{ha.path, more}, "--diff")
	t.Logf("a sixth host took %.1f s", time.Since(start).Seconds())
	for host, o := range out {
		for _, ch := range o.changes {
			// names for each other's addresses; a token for the new one; the network is tried out anew
			knows := ch.Target == "/etc/hosts" || ch.Kind == "token" || strings.Contains(ch.Target, "gokube-verification")
			if host != "host6" && !knows {
				t.Errorf("%s: %s %s %s", host, ch.Action, ch.Kind, ch.Target)
			}
		}
	}
	c.works(t, 6)
}

// survives kills the control plane that made the cluster. What workers need must go
// on through their own proxies.
func (c *cluster) survives(t *testing.T) {
	if err := c.Kill(t.Context(), "host1"); err != nil {
		t.Fatal(err)
	}
	c.admin = "host2"
	c.await(t, "host4", "curl -sf -m 4 --cacert /etc/kubernetes/pki/ca.crt --cert /var/lib/kubelet/pki/kubelet-client-current.pem "+
		"$(sed -n 's/.*server: //p' /etc/kubernetes/kubelet.conf)/api/v1/nodes/host4")
	c.await(t, c.admin, kubectl+"delete pod -l app=web --wait=false")
	c.await(t, c.admin, kubectl+`run fresh --image ghcr.io/gokube/httpd:1 --overrides '{"spec":{"nodeName":"host4"}}'`)
	c.await(t, c.admin, kubectl+"wait --for condition=Ready pod/fresh --timeout 60s")
	if err := c.Start(t.Context(), "host1"); err != nil {
		t.Fatal(err)
	}
	c.await(t, c.admin, kubectl+"wait --for condition=Ready nodes --all --timeout 100s")
	c.await(t, "host1", kubectl+"get --raw /readyz")
	c.await(t, "host1", kubectl+"-n kube-system wait --for condition=Ready pod/etcd-host1 --timeout 60s")
	c.members(t, "host1", 3)
}
