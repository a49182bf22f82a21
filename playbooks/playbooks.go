// Package playbooks is the playbooks that gokube brings along, which are also
// examples of how to use its roles.
package playbooks

import "embed"

// FS holds the playbooks.
//
//go:embed *.yml
var FS embed.FS
