// Package services holds the modules for what runs in the background. They speak
// to systemd and know no other init.
//
// # Decisions
//
// Each aspect of a unit (masked, enabled, active) is a step of its own and one
// call of systemctl, so that each is counted and can fail on its own. systemd is
// made to read its units again only where it has not read what it should have:
// then a second run has nothing to do, and no handler is needed for it.
package services

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module {
	return []module.Module{Service, ServiceFacts, Systemd, SystemdService, SystemdUnit}
}

// ServiceArgs are the arguments of the service module.
type ServiceArgs struct {
	// Name is the service.
	Name string `arg:"name,required" target:"unit"`
	// State is what it is to do now.
	State string `arg:"state" enum:"started|stopped|restarted|reloaded"`
	// Enabled is whether it starts with the host.
	Enabled *bool `arg:"enabled"`
	// Use is accepted for Ansible's sake: the init is systemd.
	Use string `arg:"use" enum:"auto|systemd" default:"auto"`
}

// Service controls a service.
var Service = module.Define(module.Spec{
	Name: "service", Summary: "Start, stop and enable a service",
	OneOf:   [][]string{{"state", "enabled"}},
	Example: "- service: {name: chrony, state: started, enabled: true}\n",
}, func(ctx context.Context, r system.Reader, a *ServiceArgs) (*module.Plan, error) {
	return planSystemd(ctx, r, &SystemdArgs{Name: a.Name, State: a.State, Enabled: a.Enabled, Scope: "system"})
})

// unsure reports whether err means that nobody knows yet.
func unsure(err error) bool { return system.Absent(err) && !errors.Is(err, fs.ErrNotExist) }

// full is a unit's name with its suffix.
func full(name string) string {
	suffixes := []string{"service", "socket", "target", "timer", "mount", "automount", "swap", "path", "slice", "scope", "device"}
	if i := strings.LastIndexByte(name, '.'); i >= 0 && slices.Contains(suffixes, name[i+1:]) {
		return name
	}
	return name + ".service"
}
