package client

import "github.com/gokube/gokube/engine/system"

// Access is the arguments that lead to a cluster.
type Access struct {
	// Kubectl is the program, or where it is.
	Kubectl string `arg:"kubectl" default:"kubectl"`
	// Kubeconfig is the file that leads to the cluster's API, with the rights of an
	// administrator.
	Kubeconfig string `arg:"kubeconfig" default:"/etc/kubernetes/admin.conf"`
}

// Client is the way that a leads.
func (a Access) Client() Client { return Client{Program: a.Kubectl, Kubeconfig: a.Kubeconfig} }

// Anything is the key of all objects: what changes one says that it changes, and
// what lists some reads it.
func Anything() system.Key { return system.Key{Kind: "cluster", Name: "objects"} }

// ComesWithIt is why nobody knows what an object will be that a new cluster brings.
const ComesWithIt = "it comes with a cluster that is not there yet"
