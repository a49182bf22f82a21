// Package roles is the roles that gokube brings along.
package roles

import "embed"

// FS holds a folder for each role.
//
//go:embed all:bootstrap-os all:cluster-defaults all:container-runtime all:download all:etcd all:preflight all:preinstall
var FS embed.FS
