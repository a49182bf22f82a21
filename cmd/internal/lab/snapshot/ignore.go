//go:build linux

package snapshot

import (
	"path"
	"slices"
	"strings"
)

// own lists what a living host changes by itself, and the runner's cache. A
// pattern that ends in a slash stands for all below it, and the folder itself.
func own() []string {
	return []string{
		"/var/log/journal/", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/faillog",
		"/var/lib/systemd/timers/", "/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret",
		"/var/lib/systemd/timesync/", "/var/lib/systemd/coredump/", "/var/lib/systemd/catalog/", "/var/lib/systemd/rfkill/",
		"/var/lib/systemd/backlight/", "/var/lib/systemd/pstore/", "/var/lib/private/systemd/", "/var/lib/sudo/",
		"/var/lib/chrony/*", "/var/log/chrony/*", "/tmp/systemd-private-*/", "/var/tmp/systemd-private-*/", "/tmp/.*-unix/",
		"/etc/.updated", "/var/.updated", "/etc/machine-id", "/var/cache/ldconfig/",
		"/root/.cache/gokube/", "/home/*/.cache/gokube/", "/var/cache/gokube/",
		"/root/.bash_history", "/home/*/.bash_history",
	}
}

// cluster lists what container runtime, kubelet, etcd and pods write by themselves
// on a host that is part of a cluster. What a person or kubeadm puts beside it
// (configurations, certificates) is not among it.
func cluster() []string {
	return []string{
		"/var/lib/containerd/", "/opt/containerd/", "/var/lib/rancher/k3s/agent/containerd/",
		"/var/lib/kubelet/pods/", "/var/lib/kubelet/plugins/", "/var/lib/kubelet/plugins_registry/", "/var/lib/kubelet/pod-resources/",
		"/var/lib/kubelet/device-plugins/", "/var/lib/kubelet/checkpoints/", "/var/lib/kubelet/allocated_pods_state", "/var/lib/kubelet/actuated_pods_state",
		"/var/lib/kubelet/*_manager_state", "/var/lib/kubelet/pki/kubelet-client-*", "/var/lib/kubelet/pki/kubelet.*",
		"/var/lib/etcd/member/", "/var/log/pods/", "/var/log/containers/", "/usr/libexec/kubernetes/",
		"/var/lib/cni/", "/etc/cni/net.d/10-flannel.conflist", "/opt/cni/bin/flannel", "/etc/cni/net.d/10-kuberouter.conflist", "/var/lib/kube-router/",
		"/opt/local-path-provisioner/", "/tmp/runc-process*", "/root/.kube/cache/", "/home/*/.kube/cache/",
	}
}

// Ignored tells whether the path is one that a living host, a cluster's own
// programs, or gokube's runner touch by themselves.
func Ignored(p string) bool {
	return slices.ContainsFunc(slices.Concat(own(), cluster()), func(pattern string) bool { return matches(pattern, p) })
}

func matches(pattern, p string) bool {
	whole, deep := strings.CutSuffix(pattern, "/")
	for q := p; q != "/"; q = path.Dir(q) {
		if ok, _ := path.Match(whole, q); ok {
			return true
		}
		if !deep {
			return false
		}
	}
	return false
}

// Foreign keeps of changes those that are not Ignored. The folder above the
// runner's cache counts as ignored if all that is new in it is.
func Foreign(changes []Change) []Change {
	var keep []Change
	for i, c := range changes {
		if !Ignored(c.Path) && !onlyHolds(changes[i:]) {
			keep = append(keep, c)
		}
	}
	return keep
}

// onlyHolds tells whether the first change is a new folder that was made for
// ignored paths alone; the others follow it in the order of their paths.
func onlyHolds(changes []Change) bool {
	c := changes[0]
	if c.Kind != Added || c.After.Type != "folder" {
		return false
	}
	ignored := 0
	for _, below := range changes[1:] {
		if !strings.HasPrefix(below.Path, c.Path+"/") {
			continue
		}
		if !Ignored(below.Path) && !(below.Kind == Added && below.After.Type == "folder") {
			return false
		}
		if Ignored(below.Path) {
			ignored++
		}
	}
	return ignored > 0
}
