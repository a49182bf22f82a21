package object

import (
	"slices"
	"strings"
)

// kind is one of the API's own kinds.
type kind struct {
	version string
	cluster bool // its objects are in no namespace
}

// kinds are the API's own ones that people name without a version.
func kinds() map[string]kind {
	out := map[string]kind{}
	for version, names := range map[string]string{
		"v1":                              "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount !Namespace !Node !PersistentVolume",
		"apps/v1":                         "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
		"batch/v1":                        "CronJob Job",
		"autoscaling/v2":                  "HorizontalPodAutoscaler",
		"policy/v1":                       "PodDisruptionBudget",
		"networking.k8s.io/v1":            "Ingress NetworkPolicy !IngressClass",
		"discovery.k8s.io/v1":             "EndpointSlice",
		"coordination.k8s.io/v1":          "Lease",
		"rbac.authorization.k8s.io/v1":    "Role RoleBinding !ClusterRole !ClusterRoleBinding",
		"scheduling.k8s.io/v1":            "!PriorityClass",
		"storage.k8s.io/v1":               "CSIStorageCapacity !CSIDriver !CSINode !StorageClass !VolumeAttachment",
		"apiextensions.k8s.io/v1":         "!CustomResourceDefinition",
		"apiregistration.k8s.io/v1":       "!APIService",
		"admissionregistration.k8s.io/v1": "!MutatingWebhookConfiguration !ValidatingAdmissionPolicy !ValidatingAdmissionPolicyBinding !ValidatingWebhookConfiguration",
		"certificates.k8s.io/v1":          "!CertificateSigningRequest",
		"node.k8s.io/v1":                  "!RuntimeClass",
		"flowcontrol.apiserver.k8s.io/v1": "!FlowSchema !PriorityLevelConfiguration",
	} {
		for name := range strings.FieldsSeq(names) {
			bare := strings.TrimPrefix(name, "!")
			out[bare] = kind{version, bare != name}
		}
	}
	return out
}

// Version is the version of the API for one of its own kinds, "" for others.
func Version(name string) string { return kinds()[name].version }

// BuiltIn reports whether id is of one of the API's own kinds.
func (id ID) BuiltIn() bool {
	k, ok := kinds()[id.Kind]
	return ok && ID{APIVersion: k.version}.Group() == id.Group()
}

// scope says whether objects of id's kind are in a namespace, as far as the kind
// is known; crds are the definitions that come with it.
func (id ID) scope(crds []Object) (namespaced, known bool) {
	if id.BuiltIn() {
		return !kinds()[id.Kind].cluster, true
	}
	for _, c := range crds {
		if c.Text("spec", "group") == id.Group() && c.Text("spec", "names", "kind") == id.Kind {
			return c.Text("spec", "scope") == "Namespaced", true
		}
	}
	return false, false
}

// FirstMade reports whether kubeadm may make what id names, so that nobody knows
// before whether it is there.
func (id ID) FirstMade() bool {
	switch id.Kind {
	case "Namespace":
		return slices.Contains([]string{"default", "kube-system", "kube-public", "kube-node-lease"}, id.Name)
	case "ConfigMap", "Deployment", "DaemonSet", "Service", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
		for _, mark := range []string{"coredns", "kube-dns", "kube-proxy", "kubeadm", "kubelet", "cluster-info", "system:"} {
			if strings.HasPrefix(id.Name, mark) {
				return true
			}
		}
	}
	return false
}

// Lasting reports whether deleting what id names deletes what others put there.
func (id ID) Lasting() bool {
	switch id.Kind {
	case "Namespace", "CustomResourceDefinition", "PersistentVolume", "PersistentVolumeClaim":
		return true
	}
	return false
}

// Resource is id's kind as kubectl takes it: Deployment.v1.apps.
func (id ID) Resource() string {
	group, version, ok := strings.Cut(id.APIVersion, "/")
	switch {
	case id.APIVersion == "":
		return id.Kind
	case !ok:
		return id.Kind + "." + id.APIVersion + "."
	}
	return id.Kind + "." + version + "." + group
}
