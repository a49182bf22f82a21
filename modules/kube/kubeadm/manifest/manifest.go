// Package manifest compares the arguments of a control plane's static pods with those
// that kubeadm would give them. It reads no files, and does not know how manifests are
// written.
//
// # Decisions
//
// What a pod should be started with is not asked of kubeadm: a dry run of it leaves
// files behind. Of the arguments that kubeadm gives by itself the names are known, and
// the values of those that no configuration moves; the other values (addresses, paths,
// networks) are not compared.
package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/modules/kube/kubeadm/document"
)

// What kubeadm gives each program by itself; an empty value is one that depends on the
// cluster, and is not compared.
const (
	scheduler = "bind-address=127.0.0.1 leader-elect=true kubeconfig= authentication-kubeconfig= authorization-kubeconfig="
	manager   = scheduler + " client-ca-file= requestheader-client-ca-file= root-ca-file= service-account-private-key-file= cluster-signing-cert-file=" +
		" cluster-signing-key-file= use-service-account-credentials=true controllers=*,bootstrapsigner,tokencleaner allocate-node-cidrs=true cluster-cidr=" +
		" service-cluster-ip-range= cluster-name="
	apiserver = "advertise-address= enable-admission-plugins=NodeRestriction service-cluster-ip-range= service-account-key-file= service-account-signing-key-file=" +
		" service-account-issuer= client-ca-file= tls-cert-file= tls-private-key-file= kubelet-client-certificate= kubelet-client-key=" +
		" enable-bootstrap-token-auth=true secure-port= allow-privileged=true kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname" +
		" requestheader-username-headers=X-Remote-User requestheader-group-headers=X-Remote-Group requestheader-extra-headers-prefix=X-Remote-Extra-" +
		" requestheader-client-ca-file= requestheader-allowed-names=front-proxy-client proxy-client-cert-file= proxy-client-key-file=" +
		" etcd-servers= etcd-cafile= etcd-certfile= etcd-keyfile= authorization-mode=Node,RBAC"
)

// Pod is one static pod as its manifest has it.
type Pod struct {
	// Name is that of its program, such as kube-apiserver.
	Name string
	// Args are the program's arguments.
	Args []string
	// Patches is the text of all patches of the manifest. What they mention is theirs,
	// and not compared.
	Patches string
	// Judged says that the pod is of a version whose own arguments are known here.
	Judged bool
}

// Read is the pod that a manifest describes. Of what is no pod it has no arguments.
func Read(name string, doc document.Document) Pod {
	p := Pod{Name: name}
	spec := document.Map(doc, "spec")
	all, _ := spec["containers"].([]any)
	if len(all) == 0 {
		return p
	}
	c, _ := all[0].(map[string]any)
	for _, key := range []string{"command", "args"} {
		words, _ := c[key].([]any)
		for _, w := range words {
			if s, ok := w.(string); ok && strings.HasPrefix(s, "--") {
				p.Args = append(p.Args, s)
			}
		}
	}
	return p
}

// Differs is how p's arguments differ from what extra, the extraArgs of a section of a
// ClusterConfiguration, makes of kubeadm's own; "" if they do not.
func (p Pod) Differs(extra any) string {
	want := Arguments(extra)
	var names []string
	for _, w := range want {
		name, _, _ := strings.Cut(w, "=")
		names = append(names, name)
		if !slices.Contains(p.Args, w) && !p.patched(name) {
			return w + " is missing"
		}
	}
	for _, is := range p.Args {
		name, value, _ := strings.Cut(is, "=")
		switch own, known := p.own(name); {
		case p.patched(name):
		case slices.Contains(names, name):
			if !slices.Contains(want, is) {
				return is + " is not wanted"
			}
		case p.Judged && (!known || own != "" && own != value):
			return is + " is not in the configuration"
		}
	}
	return ""
}

// own is what kubeadm gives an argument by itself.
func (p Pod) own(name string) (value string, known bool) {
	all := map[string]string{"kube-apiserver": apiserver, "kube-controller-manager": manager, "kube-scheduler": scheduler}[p.Name]
	for word := range strings.FieldsSeq(all) {
		if n, v, _ := strings.Cut(word, "="); "--"+n == name {
			return v, true
		}
	}
	return "", false
}

// patched reports whether a patch mentions an argument.
func (p Pod) patched(name string) bool {
	for rest := p.Patches; ; {
		_, after, found := strings.Cut(rest, name)
		if !found {
			return false
		}
		if after == "" || after[0] != '-' && (after[0] < 'a' || after[0] > 'z') {
			return true
		}
		rest = after
	}
}

// Arguments are extraArgs as a program is given them: a list of names and values, or in
// older versions of the API a map.
func Arguments(extra any) (out []string) {
	switch extra := extra.(type) {
	case []any:
		for _, a := range extra {
			if m, ok := a.(map[string]any); ok {
				out = append(out, fmt.Sprintf("--%v=%v", m["name"], m["value"]))
			}
		}
	case map[string]any:
		for name, value := range extra {
			out = append(out, fmt.Sprintf("--%s=%v", name, value))
		}
	}
	slices.Sort(out)
	return out
}
