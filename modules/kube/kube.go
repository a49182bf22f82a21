// Package kube is the list of the modules for Kubernetes clusters. It knows none of
// them beyond its name: each lives in a package of its part of a cluster.
package kube

import (
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/modules/kube/api"
	"github.com/gokube/gokube/modules/kube/api/nodes"
	"github.com/gokube/gokube/modules/kube/certs"
	"github.com/gokube/gokube/modules/kube/etcd"
	"github.com/gokube/gokube/modules/kube/k3s"
	"github.com/gokube/gokube/modules/kube/kubeadm"
	"github.com/gokube/gokube/modules/kube/kubeadm/token"
	"github.com/gokube/gokube/modules/kube/runtime"
)

// All are the modules of this family.
func All() []module.Module {
	return []module.Module{
		api.CNIApply, api.Kubectl, nodes.KubeNode,
		certs.CertCopy, certs.Kubeconfig,
		etcd.Member, etcd.Snapshot,
		kubeadm.Kubeadm, token.KubeToken,
		runtime.ContainerImage,
		k3s.Join,
	}
}
