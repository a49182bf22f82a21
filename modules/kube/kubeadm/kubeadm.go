// Package kubeadm makes a host a member of a Kubernetes cluster, and of it what it
// was before. It speaks to kubeadm, and to the cluster with kubectl; it does not know
// who runs the cluster, or how the other hosts are reached.
//
// # Decisions
//
// What a host is, is told by what kubeadm has left on it and by what the cluster says
// of it, never by a mark of our own: so it does not matter who began, or what was
// interrupted. kubeadm's phases may be repeated: keys, certificates and kubeconfigs
// that are there are used, manifests are written again. A half-done init or join is
// therefore finished in place and never reset: what other roles have put on the host
// (static pods of a load balancer, copied certificates) stays.
//
// Tokens and keys reach kubeadm on its standard input, with the rest of its
// configuration: they are in no argument list and in no file.
package kubeadm

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Args are the arguments of the kubeadm module.
type Args struct {
	// State is what the host is to be: initialized, the first member of its cluster;
	// joined to one; upgraded to a version; renewed, with certificates that last;
	// reset, a member no more. A half-done init or join is finished.
	State string `arg:"state" enum:"initialized|joined|upgraded|renewed|reset" default:"initialized"`
	// Role is what a host that joins is to be.
	Role string `arg:"role" enum:"control_plane|worker" default:"worker"`
	// Config is the objects of kubeadm's API (v1beta4 or v1beta3), and of the
	// kubelet's and kube-proxy's; each state takes those that concern it. What the
	// other arguments say is filled in where it is missing.
	Config module.Documents `arg:"config"`
	// Version is that of Kubernetes, such as v1.34.4.
	Version string `arg:"version,alias=kubernetes_version"`
	// Endpoint is HOST:PORT of the cluster's API: for an init the
	// controlPlaneEndpoint, for a join where it is found.
	Endpoint string `arg:"endpoint,alias=control_plane_endpoint"`
	// NodeName is what the cluster calls the host; its own name if empty.
	NodeName string `arg:"node_name"`
	// Kubeconfig is whose rights a control plane asks the cluster with.
	Kubeconfig string `arg:"kubeconfig" default:"/etc/kubernetes/admin.conf"`
	// Wait is how many seconds a cluster is waited for that the host is a member of and
	// that does not answer.
	Wait int `arg:"wait" default:"180"`
	// RenewBefore is how many days before its end a certificate is renewed.
	RenewBefore int `arg:"renew_before" default:"30"`
	Secrets
	Running
}

// Secrets are what a host shows to be let into a cluster.
type Secrets struct {
	// Token is the bootstrap token of a join, or the one that an init is to make.
	Token module.Late `arg:"token"`
	// CAHash is "sha256:" and the digest of the public key of the cluster's CA. A join
	// always compares it.
	CAHash module.Late `arg:"ca_hash,alias=discovery_token_ca_cert_hash"`
	// CertificateKey opens the certificates that were uploaded to the cluster. Without
	// it a control plane must have been given them before it joins.
	CertificateKey module.Late `arg:"certificate_key"`
}

// Running is how kubeadm is run.
type Running struct {
	// UploadCerts puts the certificates that control planes share into the cluster for
	// two hours, encrypted. Without a certificate_key an init makes one.
	UploadCerts bool `arg:"upload_certs"`
	// SkipPhases are phases that are not run.
	SkipPhases []string `arg:"skip_phases"`
	// IgnorePreflightErrors are checks that may fail.
	IgnorePreflightErrors []string `arg:"ignore_preflight_errors"`
}

// Kubeadm makes a host a member of a cluster.
var Kubeadm = module.Define(module.Spec{
	Name:    "kubeadm",
	Summary: "Make a host a member of a Kubernetes cluster: init, join, upgrade, renew, reset",
	Example: `- name: make a cluster
  kubeadm:
    state: initialized
    version: v1.34.4
    endpoint: 10.0.0.10:6443
    config:
      - apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        localAPIEndpoint: {advertiseAddress: 10.0.0.11}
      - apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16}
- name: join a worker
  kubeadm:
    state: joined
    role: worker
    endpoint: 10.0.0.10:6443
    token: "{{ .bootstrap.token }}"
    ca_hash: "{{ .bootstrap.ca_hash }}"
- name: have certificates that last
  kubeadm: {state: renewed, renew_before: 60}
- name: leave
  kubeadm: {state: reset}
`,
	Output: []module.Doc{
		{Name: "node", Text: "what the cluster calls the host"},
		{Name: "found", Text: "what the host was before: bare, half-done, member, other"},
		{Name: "certificate_key", Text: "with upload_certs, the key that an init has made; a secret"},
		{Name: "expires", Text: "of state renewed, when the certificates end, by their names"},
	},
}, plan)

func plan(ctx context.Context, r system.Reader, a *Args) (*module.Plan, error) {
	h, err := look(ctx, r, a)
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{"node": h.node}}
	states := map[string]func(context.Context, *module.Plan) error{
		"initialized": h.initialized, "joined": h.joined, "upgraded": h.upgraded, "renewed": h.renewed, "reset": h.reset,
	}
	do := states[a.State]
	if do == nil {
		return nil, fmt.Errorf("state %q is none that kubeadm knows", a.State)
	}
	if at, err := h.atWork(); at || err != nil {
		h.ended(p)
		return p, err
	}
	return p, do(ctx, p)
}
