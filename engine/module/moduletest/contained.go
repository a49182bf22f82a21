package moduletest

import (
	"slices"
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
		if target.Touches(k) || k.Kind == "path" && k.Touches(target) || backup(targets, k) {
			return true
		}
	}
	return false
}

// backup reports whether k is named as the backup of a target.
func backup(targets []system.Key, k system.Key) bool {
	return k.Kind == "path" && strings.HasSuffix(k.Name, "~") && slices.ContainsFunc(targets, func(target system.Key) bool {
		return target.Kind == "path" && strings.HasPrefix(k.Name, target.Name+".")
	})
}
