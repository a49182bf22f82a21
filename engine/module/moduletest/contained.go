package moduletest

import (
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// contained holds a module that promises it to its targets. What a link at a
// target leads to, the directories that lead there, and a backup beside a target,
// named after it and ending in ~, count as the target: a check knows of the first
// two, and nobody else names the last.
func (c *Case) contained(t *testing.T, m module.Module, f *systemtest.Fake, changed []system.Key) {
	t.Helper()
	if !m.Spec().Contained {
		return
	}
	before := c.Host()
	targets, _ := m.Spec().Args.Targets(c.Args)
	for _, k := range targets {
		if k.Kind == "path" {
			targets = append(targets, system.Path(system.Resolve(before.Lstat, k.Name, true)), system.Path(system.Resolve(f.Lstat, k.Name, false)))
		}
	}
	for _, k := range changed {
		if !reached(targets, k) {
			t.Errorf("changed %s, but promised to change only %v", k, targets)
		}
	}
}

func reached(targets []system.Key, k system.Key) bool {
	for _, target := range targets {
		if target.Name == "" && target.Kind == "path" {
			continue
		}
		if target.Touches(k) || k.Kind == "path" && k.Touches(target) ||
			k.Kind == "path" && strings.HasPrefix(k.Name, target.Name+".") && strings.HasSuffix(k.Name, "~") {
			return true
		}
	}
	return false
}
