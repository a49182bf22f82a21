package roles_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/roles"
)

// names are the roles.
func names(t *testing.T) (out []string) {
	t.Helper()
	entries, err := fs.ReadDir(roles.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// settings are the variables in a role's folder of that kind.
func settings(t *testing.T, role, kind string) map[string]any {
	t.Helper()
	out := map[string]any{}
	err := fs.WalkDir(roles.FS, path.Join(role, kind), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := roles.FS.ReadFile(name)
		if err != nil {
			return err
		}
		set, err := vars.NewReader(nil).Parse(name, data)
		maps.Copy(out, set.Values)
		return err
	})
	if err != nil && kind == "defaults" {
		t.Fatal(err)
	}
	return out
}

// TestEveryRoleIsComplete loads each role's test playbook.
func TestEveryRoleIsComplete(t *testing.T) {
	t.Parallel()
	l, _ := loader()
	for _, name := range names(t) {
		readme, err := roles.FS.ReadFile(name + "/README.md")
		if err != nil || !strings.HasPrefix(string(readme), "# "+name+"\n") {
			t.Errorf("%s: README.md does not begin with its name: %v", name, err)
		}
		pb, err := l.Playbook(t.Context(), playbook.BuiltIn+"roles/"+name+"/tests/test.yml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		role := used(pb, name)
		if role == nil || role.Spec == nil {
			t.Errorf("%s: no argument spec, or not in its test", name)
			continue
		}
		defaults := settings(t, name, "defaults")
		for option := range role.Spec.Options {
			if _, ok := defaults[option]; !ok {
				t.Errorf("%s: %s is in the argument spec and has no default", name, option)
			}
		}
		for v := range defaults {
			if _, ok := role.Spec.Options[v]; !ok && name != "cluster-defaults" {
				t.Errorf("%s: %s has a default and is not in the argument spec", name, v)
			}
		}
	}
}

func used(pb *playbook.Playbook, name string) *playbook.Role {
	for _, p := range pb.Plays {
		for _, r := range p.Used {
			if r.Name == name {
				return r
			}
		}
	}
	return nil
}

// TestFewCommandsAreOpaque counts what a check cannot foresee.
func TestFewCommandsAreOpaque(t *testing.T) {
	t.Parallel()
	opaque := regexp.MustCompile(`(?m)^\s*(-\s+)?(ansible\.(builtin|legacy)\.)?(command|shell|raw|script|expect):`)
	var found []string
	err := fs.WalkDir(roles.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yml") {
			return err
		}
		data, err := roles.FS.ReadFile(name)
		for range opaque.FindAll(data, -1) {
			found = append(found, name)
		}
		return err
	})
	if err != nil || len(found) >= 10 {
		t.Errorf("%d opaque commands, fewer than 10 are wanted: %q, %v", len(found), found, err)
	}
}

// TestNoTwoRolesSayDifferently holds a variable to one default, whichever role is
// read last.
func TestNoTwoRolesSayDifferently(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, name := range names(t) {
		for v, x := range settings(t, name, "defaults") {
			text, ok := x.(string)
			if !ok {
				text = template.Describe(x)
			}
			if old, is := said[v]; is && old != text {
				t.Errorf("%s: %s is %s here and %s elsewhere", name, v, text, old)
			}
			said[v] = text
		}
	}
}

// documented is where the projects say that their files are.
func documented() map[string]string {
	return map[string]string{
		"kubeadm_download_url": `https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubeadm`,
		"kubelet_download_url": `https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubelet`,
		"kubectl_download_url": `https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubectl`,

		"etcd_download_url":       `https://github\.com/etcd-io/etcd/releases/download/v([\d.]+)/etcd-v([\d.]+)-linux-amd64\.tar\.gz`,
		"containerd_download_url": `https://github\.com/containerd/containerd/releases/download/v([\d.]+)/containerd-([\d.]+)-linux-amd64\.tar\.gz`,
		"runc_download_url":       `https://github\.com/opencontainers/runc/releases/download/v[\d.]+/runc\.amd64`,
		"cni_download_url":        `https://github\.com/containernetworking/plugins/releases/download/v([\d.]+)/cni-plugins-linux-amd64-v([\d.]+)\.tgz`,
		"crictl_download_url":     `https://github\.com/kubernetes-sigs/cri-tools/releases/download/v([\d.]+)/crictl-v([\d.]+)-linux-amd64\.tar\.gz`,
		"helm_download_url":       `https://get\.helm\.sh/helm-v[\d.]+-linux-amd64\.tar\.gz`,

		"flannel_manifest_url":                `https://github\.com/flannel-io/flannel/releases/download/v[\d.]+/kube-flannel\.yml`,
		"calico_manifest_url":                 `https://raw\.githubusercontent\.com/projectcalico/calico/v[\d.]+/manifests/calico\.yaml`,
		"kube_router_manifest_url":            `https://raw\.githubusercontent\.com/cloudnativelabs/kube-router/v[\d.]+/daemonset/kubeadm-kuberouter\.yaml`,
		"metrics_server_manifest_url":         `https://github\.com/kubernetes-sigs/metrics-server/releases/download/v[\d.]+/components\.yaml`,
		"local_path_provisioner_manifest_url": `https://raw\.githubusercontent\.com/rancher/local-path-provisioner/v[\d.]+/deploy/local-path-storage\.yaml`,
		"ingress_nginx_manifest_url":          `https://raw\.githubusercontent\.com/kubernetes/ingress-nginx/controller-v[\d.]+/deploy/static/provider/baremetal/deploy\.yaml`,
		"metallb_manifest_url":                `https://raw\.githubusercontent\.com/metallb/metallb/v[\d.]+/config/manifests/metallb-native\.yaml`,
		"dashboard_manifest_url":              `https://raw\.githubusercontent\.com/kubernetes/dashboard/v[\d.]+/aio/deploy/recommended\.yaml`,

		"kubeadm_binary_checksum":     `sha256:https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubeadm\.sha256`,
		"kubelet_binary_checksum":     `sha256:https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubelet\.sha256`,
		"kubectl_binary_checksum":     `sha256:https://dl\.k8s\.io/release/v1\.\d+\.\d+/bin/linux/amd64/kubectl\.sha256`,
		"etcd_binary_checksum":        `sha256:https://github\.com/etcd-io/etcd/releases/download/v[\d.]+/SHA256SUMS`,
		"containerd_archive_checksum": `sha256:https://github\.com/containerd/containerd/releases/download/v[\d.]+/containerd-[\d.]+-linux-amd64\.tar\.gz\.sha256sum`,
		"runc_binary_checksum":        `sha256:https://github\.com/opencontainers/runc/releases/download/v[\d.]+/runc\.sha256sum`,
		"cni_binary_checksum":         `sha256:https://github\.com/containernetworking/plugins/releases/download/v[\d.]+/cni-plugins-linux-amd64-v[\d.]+\.tgz\.sha256`,
		"crictl_binary_checksum":      `sha256:https://github\.com/kubernetes-sigs/cri-tools/releases/download/v[\d.]+/crictl-v[\d.]+-linux-amd64\.tar\.gz\.sha256`,
		"helm_archive_checksum":       `sha256:https://get\.helm\.sh/helm-v[\d.]+-linux-amd64\.tar\.gz\.sha256sum`,
	}
}

func TestFilesComeFromWhereTheProjectsPutThem(t *testing.T) {
	t.Parallel()
	defaults := settings(t, "cluster-defaults", "defaults")
	for name := range defaults {
		if _, ok := documented()[name]; !ok && (strings.HasSuffix(name, "_download_url") || strings.HasSuffix(name, "_manifest_url") || strings.HasSuffix(name, "_checksum")) {
			t.Errorf("%s: nobody says where it should lead", name)
		}
	}
	scope := template.Vars(maps.Clone(defaults))
	scope["facts"] = map[string]any{"arch": "amd64"}
	for name, want := range documented() {
		public := resolve(t, scope, name)
		if !regexp.MustCompile("^" + want + "$").MatchString(public) {
			t.Errorf("%s is %s, want %s", name, public, want)
		}
		mirrored := template.Vars(maps.Clone(scope))
		mirrored["files_repo"] = "http://mirror:8080/files"
		if got, want := resolve(t, mirrored, name), strings.Replace(public, "https://", "http://mirror:8080/files/", 1); got != want {
			t.Errorf("%s is %s with a mirror, want %s", name, got, want)
		}
	}
}

func TestImagesHaveTheNamesOfTheirProjects(t *testing.T) {
	t.Parallel()
	scope := template.Vars(settings(t, "cluster-defaults", "defaults"))
	public := regexp.MustCompile(`^(registry\.k8s\.io|ghcr\.io|quay\.io|docker\.io)/[a-z0-9./-]+:v?[0-9][a-z0-9.-]*$`)
	for _, name := range slices.Sorted(maps.Keys(scope)) {
		if strings.HasSuffix(name, "_image") && !public.MatchString(resolve(t, scope, name)) {
			t.Errorf("%s is %s", name, resolve(t, scope, name))
		}
	}
}

func resolve(t *testing.T, scope template.Vars, name string) string {
	t.Helper()
	x, err := template.Resolve(scope, scope[name])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, _ := x.(string)
	return text
}
