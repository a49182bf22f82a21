package kubeadm

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

// Where kubeadm keeps what it makes.
const (
	etc           = "/etc/kubernetes"
	adminConf     = etc + "/admin.conf"
	superConf     = etc + "/super-admin.conf"
	kubeletConf   = etc + "/kubelet.conf"
	bootstrapConf = etc + "/bootstrap-kubelet.conf"
	managerConf   = etc + "/controller-manager.conf"
	schedulerConf = etc + "/scheduler.conf"
	kubeletDir    = "/var/lib/kubelet"
	kubeletConfig = kubeletDir + "/config.yaml"
	kubeletFlags  = kubeletDir + "/kubeadm-flags.env"
	// kubeletOwn is where a host has settings of its kubelet's that are not the cluster's.
	kubeletOwn = etc + "/kubelet.conf.d"
)

// components are the static pods of a control plane, beside etcd's.
var components = []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"}

func manifestOf(pod string) string { return etc + "/manifests/" + pod + ".yaml" }

// host is one that may be a member of a cluster, and what kubeadm has left on it.
type host struct {
	args *Args
	r    system.Reader
	node string
	programs
	has     map[string]bool // paths that are there
	unsure  bool            // of some path nobody knows whether it is there
	kubelet unit
	mended  map[string]bool // paths that an earlier step removes
}

// programs are the paths of those that are asked and run.
type programs struct {
	kubeadm, kubectl string
	// noKubectl is why there is none.
	noKubectl error
}

// unit is what is known of a unit.
type unit struct {
	system.Unit
	err error
}

func look(ctx context.Context, r system.Reader, a *Args) (*host, error) {
	h := &host{args: a, r: r, has: map[string]bool{}, mended: map[string]bool{}}
	h.node = h.name()
	var err error
	h.kubeadm, err = program.Find(ctx, r, "kubeadm")
	if program.Unknown(err) {
		h.kubeadm, err = "kubeadm", nil
	}
	if err != nil {
		return nil, err
	}
	h.kubectl, h.noKubectl = program.Find(ctx, r, "kubectl")
	for _, p := range append(h.traced(), h.pki("ca.crt"), superConf, kubeletConfig, manifestOf("etcd"), h.etcdData()) {
		there, err := system.Exists(ctx, r, p)
		if err != nil && !system.Absent(err) {
			return nil, err
		}
		h.has[p] = there
		h.unsure = h.unsure || program.Unknown(err)
	}
	h.kubelet.Unit, h.kubelet.err = system.Get[system.Unit](ctx, r, "kubelet.service")
	if err := h.kubelet.err; err != nil && !system.Absent(err) {
		return nil, err
	}
	return h, nil
}

// name is what the cluster calls the host, as kubeadm finds it.
func (h *host) name() string {
	for _, kind := range []string{"InitConfiguration", "JoinConfiguration"} {
		reg, _ := h.args.document(kind)["nodeRegistration"].(map[string]any)
		if name, ok := reg["name"].(string); ok && h.args.NodeName == "" && name != "" {
			return name
		}
	}
	if h.args.NodeName != "" {
		return h.args.NodeName
	}
	return strings.ToLower(strings.TrimSpace(h.r.Facts().Hostname))
}

// traced are the paths that kubeadm makes after it has made certificates. A host
// with none of them has nothing of a member.
func (h *host) traced() []string {
	out := []string{adminConf, managerConf, schedulerConf, kubeletConf, bootstrapConf, kubeletFlags}
	for _, c := range components {
		out = append(out, manifestOf(c))
	}
	if h.stacked() {
		out = append(out, manifestOf("etcd"))
	}
	// Data without kubeadm's own etcd is of one that runs on its own.
	if h.stacked() && (h.has[manifestOf("etcd")] || h.has[adminConf]) {
		out = append(out, h.etcdData())
	}
	return out
}

// traces are those of them that are there, as people call them.
func (h *host) traces() (there, missing []string) {
	for _, p := range h.traced() {
		if name := path.Base(p); h.has[p] {
			there = append(there, name)
		} else if p != bootstrapConf && p != kubeletFlags {
			missing = append(missing, name)
		}
	}
	return there, missing
}

// bare reports whether the host has nothing of a member.
func (h *host) bare() bool {
	there, _ := h.traces()
	return len(there) == 0
}

// rooted reports whether the kubelet has a certificate of its own, that it renews: it
// has talked to a cluster.
func (h *host) rooted() bool {
	text, err := system.ReadFile(h.r, kubeletConf)
	return err == nil && strings.Contains(string(text), "kubelet-client-current.pem")
}

// pki is a file of the directory of certificates.
func (h *host) pki(file string) string {
	if dir, _ := h.args.document("ClusterConfiguration")["certificatesDir"].(string); dir != "" {
		return path.Join(dir, file)
	}
	// A worker is told only where the CA's certificate is to be.
	if ca, _ := h.args.document("JoinConfiguration")["caCertPath"].(string); ca != "" {
		return path.Join(path.Dir(ca), file)
	}
	return path.Join(etc, "pki", file)
}

// stacked reports whether a control plane has a member of etcd beside it.
func (h *host) stacked() bool {
	etcd, _ := h.args.document("ClusterConfiguration")["etcd"].(map[string]any)
	return etcd["external"] == nil
}

// etcdData is where etcd's member is, once it has run.
func (h *host) etcdData() string { return path.Join(h.etcdDir(), "member") }

func (h *host) etcdDir() string {
	etcd, _ := h.args.document("ClusterConfiguration")["etcd"].(map[string]any)
	local, _ := etcd["local"].(map[string]any)
	if dir, ok := local["dataDir"].(string); ok && dir != "" {
		return dir
	}
	return "/var/lib/etcd"
}

// ca is what is in the host's CA certificate; ok is false if it has none.
func (h *host) ca(ctx context.Context, r system.Reader) (c program.Cert, ok bool, err error) {
	p := h.pki("ca.crt")
	all, err := program.Inspect(ctx, r, p)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	c = all[p]
	return c, err == nil && !c.Absent && c.SPKI != "", err
}
