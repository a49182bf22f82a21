//go:build e2e && linux

package main

import (
	"strings"
	"testing"
)

// TestClusterRefusals has a cluster of two hosts, and a third that is in one of its own,
// and asks for what cannot be: what is wrong is said, and nothing is touched.
func TestClusterRefusals(t *testing.T) {
	l := &faultLab{clusterLab(t, "e2e-refusals", 3), t.TempDir()}
	b := &refusals{faultLab: l, ours: l.file(t, "ours.yml", twoGroups), all: l.file(t, "all.yml", strings.Replace(twoGroups, "{host2: }", "{host2: , host3: }", 1))}
	ours := l.start(t, "play", clusterBook, "-i", b.ours)
	theirs := b.begin(t, madeElsewhere)
	ours.end(t, 0)
	theirs.end(t, 0)
	if t.Failed() {
		t.FailNow()
	}
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"cluster.yml", b.cluster}, {"limits", b.limits}, {"a host that joins", b.joins}, {"a kubelet that does not start", b.kubelet},
	} {
		b.mark(t)
		t.Run(part.name, part.run)
	}
}

const (
	twoGroups = "kube_control_plane:\n  hosts: {host1: }\nkube_node:\n  hosts: {host2: }\nall:\n  vars: {etcd_deployment_type: kubeadm}\n"

	// madeElsewhere makes a cluster of host3 alone, as somebody would by hand.
	madeElsewhere = `
- hosts: host3
  become: true
  roles: [cluster-defaults, bootstrap-os, preinstall, container-runtime, download, kubelet]
  tasks:
    - name: by hand
      kubeadm:
        version: "v{{ .kube_release }}"
        skip_phases: [addon]
        config:
          - {apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, imageRepository: "{{ .kube_image_repo }}"}
`
	// bothJoin has host3 join the cluster of host1, in ways that are wrong.
	bothJoin = `
- hosts: host3
  become: true
  gather_facts: false
  tasks:
    - kube_token: {ttl: 1h}
      delegate_to: host1
      register: good
    - name: joins
      kubeadm:
        state: joined
        endpoint: "{{ .hostvars.host1.ansible_host }}:6443"
        token: "{{ .token | default .good.token }}"
        ca_hash: "{{ .ca_hash | default .good.ca_hash }}"
        config:
          - apiVersion: kubeadm.k8s.io/v1beta4
            kind: JoinConfiguration
            timeouts: {discovery: 3s, kubeletHealthCheck: 3s}
            nodeRegistration: {kubeletExtraArgs: "{{ .kubelet_args | default (list) }}"}
`
)

// refusals is the lab, with inventories of the two hosts, and of all three.
type refusals struct {
	*faultLab
	ours, all string
}

// begin starts to play a playbook of this text.
func (b *refusals) begin(t *testing.T, text string, args ...string) *controller {
	t.Helper()
	return b.start(t, append([]string{"play", b.file(t, "refusals.yml", text), "-i", b.all}, args...)...)
}

func (b *refusals) mark(t *testing.T) {
	t.Helper()
	for _, h := range b.Hosts() {
		if err := b.Mark(h.Name); err != nil {
			t.Fatal(err)
		}
	}
}

// untouched fails for files that are others since the mark.
func (b *refusals) untouched(t *testing.T, what string) {
	t.Helper()
	new(promise).untouched(t, b.Lab, what)
}

// on runs a script on host3.
func (b *refusals) on(t *testing.T, script string) string {
	t.Helper()
	out, err := b.Exec(t.Context(), "host3", "sh", "-c", script)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// cluster asks cluster.yml for what the cluster cannot become.
func (b *refusals) cluster(t *testing.T) {
	for _, tc := range []struct {
		name, groups string
		args, want   []string
	}{
		{"a host of another cluster", b.all, nil, []string{"host3:", "the host is in another cluster: its /etc/kubernetes/pki/ca.crt is not that of host1"}},
		{"two minor versions ahead", b.ours, []string{"-e", "kube_version=1.36.0"}, []string{"host1:", "the cluster runs Kubernetes 1.34.4 and kube_version is 1.36.0", "set kube_version: 1.34.4"}},
		{"an older version", b.ours, []string{"-e", "kube_version=1.33.9"}, []string{"host1:", "the cluster runs Kubernetes 1.34.4 and kube_version is 1.33.9", "never taken back", "set kube_version: 1.34.4"}},
		{"a checksum", b.ours, []string{"-e", "retry_stagger=0", "-e", "kubectl_binary_checksum=sha256:" + strings.Repeat("0", 64)},
			[]string{"host1 host2", `task "Programs are downloaded" (`, "/kubectl: its SHA-256 is ", ", not " + strings.Repeat("0", 64)}},
		{"a list of checksums that is not there", b.ours, []string{"-e", "retry_stagger=0", "-e", "kubectl_binary_checksum=sha256:{{ .kubectl_download_url }}.sums"}, []string{"host1 host2", "kubectl.sums", "404"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			says(t, b.start(t, append([]string{"play", clusterBook, "-i", tc.groups}, tc.args...)...).end(t, 2), tc.want...)
		})
	}
	b.untouched(t, "a cluster.yml that refused")
}

// limits plays cluster.yml for one host of the cluster, which is as it should be.
func (b *refusals) limits(t *testing.T) {
	var p promise
	for _, host := range []string{"host2", "host1"} {
		out := play(t, b.Lab, book{path: clusterBook, args: []string{"-i", b.ours, "--limit", host}})
		if len(out) != 1 || out[host] == nil {
			t.Errorf("--limit %s has outcomes of %d hosts", host, len(out))
		}
		p.settled(t, "--limit "+host, out)
	}
	b.untouched(t, "a run of one host")
}

// joins frees host3, and has it join in ways that are refused before anything is done.
func (b *refusals) joins(t *testing.T) {
	b.begin(t, "- hosts: host3\n  become: true\n  gather_facts: false\n  tasks:\n    - kubeadm: {state: reset}\n").end(t, 0)
	b.mark(t)
	for _, tc := range []struct {
		name, text string
		port       string // in use meanwhile
		args, want []string
	}{
		{"a token that nobody made", bothJoin, "", []string{"-e", "token=abcdef.0123456789abcdef"}, []string{":6443 knows no such token, or it has expired (see token", `for token ID "abcdef"`}},
		{"another CA", bothJoin, "", []string{"-e", "ca_hash=sha256:" + strings.Repeat("0", 64)}, []string{"the CA of the cluster at ", ":6443 is not the one that is wanted (see ca_hash", "none of the public keys"}},
		{"the kubelet's port", bothJoin, "10250", nil, []string{"[ERROR Port-10250]: Port 10250 is in use"}},
		{"the API server's port", strings.Replace(madeElsewhere, "roles: [cluster-defaults,", "roles: [cluster-defaults] #", 1), "6443", nil, []string{"[ERROR Port-6443]: Port 6443 is in use"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.port != "" {
				b.on(t, "systemd-run -q --unit holds perl -MIO::Socket::INET -e 'our @s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalPort => "+tc.port+"); sleep 1000'; for i in $(seq 100); do ss -ltn | grep -q :"+tc.port+" && exit; sleep 0.1; done; exit 1")
				defer b.on(t, "systemctl stop holds")
			}
			says(t, b.begin(t, tc.text, tc.args...).end(t, 2), append(tc.want, "host3: task ", "exit status 1")...)
		})
	}
	b.untouched(t, "a join that was refused")
	if out := b.on(t, "find /etc/kubernetes /var/lib/kubelet -type f ! -path '*/kubelet.conf.d/*'"); out != "" {
		t.Errorf("half done: %s", out)
	}
}

// kubelet has a join fail half way, and finishes it.
func (b *refusals) kubelet(t *testing.T) {
	// It has no proxy to the API servers, whose name would lead to it.
	b.on(t, "sed -i /lb-apiserver/d /etc/hosts; echo "+b.Hosts()[0].Address+" lb-apiserver.kubernetes.local >> /etc/hosts")
	out := b.begin(t, bothJoin, "-e", `{"kubelet_args": [{"name": "no-such-flag", "value": "x"}]}`).end(t, 2)
	says(t, out, `host3: task "joins" (`, "error execution phase kubelet-wait-bootstrap", "the kubelet's last lines:", "unknown flag: --no-such-flag")
	out = b.begin(t, bothJoin, "--diff").end(t, 0)
	says(t, out, "a join that stopped before the kubelet had its certificate", "changed:     host3")
	b.await(t, kubectl+"get node host3")
	says(t, b.begin(t, bothJoin).end(t, 0), "done: 0 changes")
}
