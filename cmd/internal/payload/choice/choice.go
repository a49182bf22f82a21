// Package choice tells which of the two runners a run needs: the ordinary one, or
// the one that has the modules for Kubernetes clusters too. It loads nothing.
package choice

import (
	"slices"

	"github.com/gokube/gokube/cmd/internal/payload"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/session"
	"github.com/gokube/gokube/modules/kube"
)

// For is what brings the runner that plays need. used are the names of all modules
// that were met while they were loaded.
func For(all *payload.Set, plays []*playbook.Play, used func(module string) bool) session.Payload {
	for _, m := range kube.All() {
		if used(m.Spec().Name) {
			return all.With(payload.KubeRunner)
		}
	}
	if slices.ContainsFunc(plays, open) {
		return all.With(payload.KubeRunner) // and a check cannot change its runner
	}
	return all
}

// open reports whether tasks of p are known only when it runs.
func open(p *playbook.Play) bool {
	for _, n := range playbook.Walk(p.Nodes()) {
		if in, ok := n.(*playbook.Include); ok && in.Kind != playbook.IncludeVars && !named(in.Args.Values) {
			return true
		}
	}
	return false
}

// named reports whether it is written down what is included.
func named(args map[string]any) bool {
	for _, arg := range []string{"file", "name"} {
		if v, given := args[arg]; given {
			_, plain := v.(string)
			return plain
		}
	}
	return true
}
