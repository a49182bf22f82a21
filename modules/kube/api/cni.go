package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// CNIApplyArgs are the arguments of the cni_apply module.
type CNIApplyArgs struct {
	// Plugin is the network plugin, which says what is checked and waited for; auto
	// finds out from the manifest.
	Plugin string `arg:"plugin,alias=name" enum:"auto|flannel|calico|cilium|kube-router|weave|custom" default:"auto"`
	// Src is the plugin's manifest: maps, YAML text, or names of files with them.
	Src module.Documents `arg:"src,alias=definition"`
	// URL is where the host fetches the manifest; its checksum must be given.
	URL string `arg:"url"`
	// Checksum is "sha256:" with the digest that the manifest at url must have.
	Checksum string `arg:"checksum"`
	// Dir is a directory of the host whose files, .yml, .yaml and .json, are the
	// manifest.
	Dir string `arg:"dir"`
	// PodCIDR is the range of the pods' addresses, two with a comma for IPv4 and
	// IPv6. It must be the cluster's, and the manifest's.
	PodCIDR string `arg:"pod_cidr"`
	// SetPodCIDR writes the range into the manifest, instead of failing if that has
	// another.
	SetPodCIDR bool `arg:"set_pod_cidr"`
	// Flags are arguments of the plugin's own program, such as --run-firewall=false,
	// in place of those of the same name that the manifest has.
	Flags []string `arg:"flags"`
	// ImageTag is the tag of the manifest's images that have none.
	ImageTag string `arg:"image_tag"`
	// Set is the name under which is remembered what was applied: what is no longer
	// in the manifest is deleted.
	Set string `arg:"set" default:"cni"`
	// ForceConflicts takes over fields that others manage.
	ForceConflicts bool `arg:"force_conflicts"`
	// Wait waits until the plugin is rolled out and every node is ready.
	Wait bool `arg:"wait" default:"true"`
	// WaitTimeout is how many seconds to wait at most.
	WaitTimeout int `arg:"wait_timeout" default:"300"`
	client.Access
}

// CNIApply makes a cluster's pods reach each other.
var CNIApply = module.Define(module.Spec{
	Name:    "cni_apply",
	Summary: "Apply a network plugin's manifest to a Kubernetes cluster",
	Example: `- name: flannel, from its own site
  cni_apply:
    plugin: flannel
    url: https://github.com/flannel-io/flannel/releases/download/v0.28.4/kube-flannel.yml
    checksum: sha256:0bd380eb4954227c903bdea96dc9254650badd2d45ebe31978a47c3ffe2e9727
    pod_cidr: 10.233.64.0/18
    set_pod_cidr: true
- name: a plugin of our own
  cni_apply: {src: network.yml, pod_cidr: "{{ .kube_pods_subnet }}"}
`,
	OneOf:     [][]string{{"src", "url", "dir"}},
	Exclusive: [][]string{{"src", "url", "dir"}},
	Output:    []module.Doc{{Name: "plugin", Text: "the network plugin"}},
}, planCNI)

func planCNI(ctx context.Context, r system.Reader, a *CNIApplyArgs) (*module.Plan, error) {
	docs, err := a.manifest(ctx, r)
	if err != nil {
		return nil, err
	}
	objects, err := object.Read(docs, "kube-system")
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		return nil, errors.New("the manifest holds no objects")
	}
	n := &network{args: a, plugin: a.Plugin, set: &set{Client: a.Client(), objects: object.Clone(objects), name: a.Set, namespace: "kube-system",
		manager: "gokube", force: a.ForceConflicts, waiting: Waiting{WaitTimeout: a.WaitTimeout}}}
	if n.plugin == "auto" {
		n.plugin = detect(objects)
	}
	p := &module.Plan{Output: map[string]any{"plugin": n.plugin}}
	return p, n.plan(ctx, r, p)
}

// network is one plugin on one cluster.
type network struct {
	*set
	args   *CNIApplyArgs
	plugin string
}

func (n *network) plan(ctx context.Context, r system.Reader, p *module.Plan) (err error) {
	if n.state, err = n.State(r); err != nil {
		return err
	}
	if err := n.survey(ctx, r, settings().Object(), proxy().Object()); err != nil {
		return err
	}
	if err := n.ranges(); err != nil {
		return err
	}
	if err := n.apply(ctx, r, p); err != nil || !n.args.Wait {
		return err
	}
	if len(p.Steps) > 0 {
		n.afterProxy(p)
	}
	changes := len(p.Steps)
	if err := n.await(ctx, r, p, n.objects, false); err != nil {
		return err
	}
	if n.state == client.Live && len(p.Steps) == changes && changes == 0 {
		return nil // it is rolled out on every node
	}
	n.nodes(p)
	return nil
}

// settings is where kubeadm keeps how a cluster was made.
func settings() object.ID {
	return object.ID{APIVersion: "v1", Kind: "ConfigMap", Namespace: "kube-system", Name: "kubeadm-config"}
}

// proxy is what makes the API reachable for pods by its service's address.
func proxy() object.ID {
	return object.ID{APIVersion: "apps/v1", Kind: "DaemonSet", Namespace: "kube-system", Name: "kube-proxy"}
}

// detect names the plugin whose manifest objects are.
func detect(objects []object.Object) string {
	for _, o := range objects {
		id := o.ID()
		switch {
		case id.Kind == "ConfigMap" && o.Text("data", "net-conf.json") != "":
			return "flannel"
		case id.Kind == "DaemonSet" && id.Name == "calico-node", id.Kind == "Installation" && id.Group() == "operator.tigera.io":
			return "calico"
		case id.Kind == "ConfigMap" && id.Name == "cilium-config":
			return "cilium"
		case id.Kind == "DaemonSet" && (id.Name == "kube-router" || id.Name == "weave-net"):
			return strings.TrimSuffix(id.Name, "-net")
		}
	}
	return "custom"
}

// tells reports whether the plugin says of each node, in a condition, that it is up.
func (n *network) tells() bool {
	return slices.Contains([]string{"flannel", "calico", "cilium", "weave"}, n.plugin)
}
