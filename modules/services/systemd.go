package services

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// SystemdArgs are the arguments of the systemd module.
type SystemdArgs struct {
	// Name is the unit; one without a suffix is a service.
	Name string `arg:"name,alias=service,alias=unit" target:"unit"`
	// State is what it is to do now. Restarted and reloaded do so each time, and
	// belong into a handler.
	State string `arg:"state" enum:"started|stopped|restarted|reloaded"`
	// Enabled is whether it starts with the host.
	Enabled *bool `arg:"enabled"`
	// Masked is whether it cannot be started at all.
	Masked *bool `arg:"masked"`
	// DaemonReload has systemd read its units again before, if it has not read what
	// is in their files now.
	DaemonReload bool `arg:"daemon_reload,alias=daemon-reload"`
	// DaemonReexec starts systemd itself anew before.
	DaemonReexec bool `arg:"daemon_reexec,alias=daemon-reexec"`
	// NoBlock does not wait for the unit to start or stop.
	NoBlock bool `arg:"no_block"`
	// Force replaces links that are in the way of enabling.
	Force bool `arg:"force"`
	// Scope is whose systemd; only the system's is known.
	Scope string `arg:"scope" enum:"system|user|global" default:"system"`
}

// Systemd controls a unit.
var Systemd = module.Define(systemdSpec("systemd"), planSystemd)

// SystemdService is Systemd by its newer name.
var SystemdService = module.Define(systemdSpec("systemd_service"), planSystemd)

func systemdSpec(name string) module.Spec {
	return module.Spec{
		Name: name, Summary: "Start, stop, enable and mask a unit of systemd",
		OneOf: [][]string{{"name", "daemon_reload", "daemon_reexec"}},
		Example: "- " + name + ": {name: containerd, state: started, enabled: true, daemon_reload: true}\n" +
			"- " + name + ": {name: swap.target, masked: true}\n- " + name + ": {daemon_reload: true}\n",
		Output: []module.Doc{{Name: "name", Text: "the unit, with its suffix"}},
	}
}

func planSystemd(ctx context.Context, r system.Reader, a *SystemdArgs) (*module.Plan, error) {
	if a.Scope != "system" {
		return nil, fmt.Errorf("scope %s: only units of the system can be controlled", a.Scope)
	}
	p := &module.Plan{Output: map[string]any{}}
	if a.DaemonReexec {
		daemon(p, "daemon-reexec").Certain = true
	}
	if a.Name == "" {
		if a.State != "" || a.Enabled != nil || a.Masked != nil {
			return nil, errors.New("control a unit: its name is missing")
		}
		if !a.DaemonReload || a.DaemonReexec {
			return p, running(r, p)
		}
		return p, errors.Join(reload(ctx, r, p), running(r, p))
	}
	p.Output["name"] = full(a.Name)
	u := &unit{name: full(a.Name), args: a, plan: p}
	if err := u.look(ctx, r); err != nil {
		return nil, err
	}
	if err := u.steps(); err != nil {
		return nil, err
	}
	return p, running(r, p)
}

// running is an error if p is to be done by a systemd that is not there.
func running(r system.Reader, p *module.Plan) error {
	if is := r.Facts().Init; len(p.Steps) > 0 && is != "systemd" {
		return fmt.Errorf("control systemd: process 1 of this host is %q", is)
	}
	return nil
}

// daemon plans to tell systemd itself something, which makes it read all units.
func daemon(p *module.Plan, verb string) *module.Step {
	return p.Add(change.Change{Action: change.Run, Kind: "systemd", Target: verb}, func(ctx context.Context, s system.System) error {
		return s.Run(ctx, system.Command("systemctl", verb), system.Closed(system.Vague(system.AllUnits())))
	})
}

// reload plans a daemon-reload if some unit is due for one.
func reload(ctx context.Context, r system.Reader, p *module.Plan) error {
	c := system.Command("systemctl", "show", "--property=NeedDaemonReload", "*")
	for _, dir := range system.UnitDirs() {
		c.Reads = append(c.Reads, system.Path(dir))
	}
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	switch due := strings.Contains(out.Text(), "NeedDaemonReload=yes"); {
	case unsure(err) || err == nil && due:
		daemon(p, "daemon-reload")
		return nil
	case err == nil:
		p.Note = "systemd has read all its units as they are"
	}
	return err
}

// look asks r what it has of u.
func (u *unit) look(ctx context.Context, r system.Reader) (err error) {
	u.now, err = system.Get[system.Unit](ctx, r, u.name)
	u.vague = unsure(err)
	switch mask := u.args.Masked; {
	case err == nil || u.vague:
		return nil
	case errors.Is(err, fs.ErrNotExist) && mask != nil && *mask && u.args.State == "" && u.args.Enabled == nil:
		return nil // also what is not there can be masked
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("control %s: this host has no such unit; the package that brings it may be missing, or the file may be in none of systemd's directories", u.name)
	}
	return err
}
