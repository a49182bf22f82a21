// Package roles is the roles that gokube brings along.
package roles

import "embed"

// FS holds a folder for each role.
//
//go:embed all:addons all:apiserver-proxy all:bootstrap-os all:cluster-defaults all:container-runtime all:control-plane all:download all:etcd
//go:embed all:kubeconfig all:kubelet all:loadbalancer all:network-plugin all:node-labels all:preflight all:preinstall all:verification all:worker
var FS embed.FS
