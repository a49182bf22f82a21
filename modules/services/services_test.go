package services_test

import (
	"context"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/services"
)

const file = "/etc/systemd/system/app.service"

func with(u system.Unit) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		systemtest.Systemd(f)
		f.Set("app.service", u)
		return f
	}
}

// stale is a host with an active app.service whose file has changed.
func stale() *systemtest.Fake {
	f := systemtest.New()
	systemtest.Systemd(f)
	f.Files[file] = systemtest.File{Text: "[Service]\n[Install]\n"}
	if err := f.Run(context.Background(), system.Command("systemctl", "enable", "--now", "app"), system.Effects{}); err != nil {
		panic(err)
	}
	f.Files[file] = systemtest.File{Text: "[Service]\nUser=app\n[Install]\n"}
	f.Log = nil
	return f
}

func set(attr, from, to string) change.Change {
	return change.Change{Action: change.Update, Kind: "unit", Target: "app.service", Before: change.Attrs(attr, from), After: change.Attrs(attr, to)}
}

func does(state string) change.Change {
	return change.Change{Action: change.Run, Kind: "unit", Target: "app.service", After: change.Attrs("state", state)}
}

func daemon(verb string) change.Change {
	return change.Change{Action: change.Run, Kind: "systemd", Target: verb}
}

func then(u system.Unit, ran ...string) moduletest.Then {
	return moduletest.Then{Objects: map[system.Key]system.Object{{Kind: "unit", Name: "app.service"}: u}, Ran: ran}
}

func TestSystemd(t *testing.T) {
	t.Parallel()
	for _, m := range services.Modules() {
		moduletest.Examples(t, m)
	}
	on, off := system.Unit{Enabled: true, Active: true}, system.Unit{}
	moduletest.Run(t, services.Systemd, []moduletest.Case{
		{Name: "start and enable", Host: with(off), Args: module.Args{"name": "app", "state": "started", "enabled": true},
			Want: []change.Change{set("enabled", "no", "yes"), set("active", "no", "yes")}, Output: map[string]any{"name": "app.service"},
			Then: then(on, "systemctl enable app.service", "systemctl start app.service")},
		{Name: "as it is", Host: with(on), Args: module.Args{"name": "app.service", "state": "started", "enabled": true, "masked": false, "daemon_reload": true}},
		{Name: "stop and disable", Host: with(on), Args: module.Args{"name": "app", "state": "stopped", "enabled": false},
			Want: []change.Change{set("enabled", "yes", "no"), set("active", "yes", "no")},
			Then: then(off, "systemctl disable app.service", "systemctl stop app.service")},
		{Name: "restart", Host: with(on), Args: module.Args{"name": "app", "state": "restarted"}, OpaqueAgain: true,
			Want: []change.Change{does("restarted")}, Then: then(on, "systemctl restart app.service")},
		{Name: "reload", Host: with(on), Args: module.Args{"name": "app", "state": "reloaded"}, OpaqueAgain: true,
			Want: []change.Change{does("reloaded")}, Then: then(on, "systemctl reload app.service")},
		{Name: "reload what does not run", Host: with(off), Args: module.Args{"name": "app", "state": "reloaded", "no_block": true}, OpaqueAgain: true,
			Want: []change.Change{does("reloaded")}, Then: then(system.Unit{Active: true}, "systemctl --no-block start app.service")},
		{Name: "static", Host: with(system.Unit{Enabled: true, Static: true}), Args: module.Args{"name": "app", "enabled": false}},
		{Name: "mask", Host: with(on), Args: module.Args{"name": "app", "masked": true, "state": "stopped"},
			Want: []change.Change{set("masked", "no", "yes"), set("active", "yes", "no")}, Then: then(system.Unit{Masked: true})},
		{Name: "mask what is not there", Host: with(on), Args: module.Args{"name": "swap.target", "masked": true},
			Want: []change.Change{{Action: change.Update, Kind: "unit", Target: "swap.target", Before: change.Attrs("masked", "no"), After: change.Attrs("masked", "yes")}}},
		{Name: "unmask", Host: with(system.Unit{Masked: true}), Args: module.Args{"name": "app", "masked": false, "state": "started", "enabled": true},
			Want: []change.Change{set("masked", "yes", "no"), set("enabled", "no", "yes"), set("active", "no", "yes")}, Then: then(on)},
		{Name: "start what is masked", Host: with(system.Unit{Masked: true}), Args: module.Args{"name": "app", "state": "started"}, Err: "control app.service: it is masked, set masked: false"},
		{Name: "stale", Host: stale, Args: module.Args{"name": "app", "daemon_reload": true, "state": "started"},
			Want: []change.Change{daemon("daemon-reload")}, Then: then(on, "systemctl daemon-reload")},
		{Name: "stale and restarted", Host: stale, Args: module.Args{"name": "app", "daemon_reload": true, "state": "restarted"}, OpaqueAgain: true,
			Want: []change.Change{daemon("daemon-reload"), does("restarted")}, Then: then(on)},
		{Name: "some unit is stale", Host: stale, Args: module.Args{"daemon_reload": true}, Want: []change.Change{daemon("daemon-reload")}, Then: then(on)},
		{Name: "no unit is stale", Host: with(on), Args: module.Args{"daemon_reload": true}},
		{Name: "reexec", Host: with(on), Args: module.Args{"daemon_reexec": true}, Want: []change.Change{daemon("daemon-reexec")}, OpaqueAgain: true},
		{Name: "no such unit", Host: with(on), Args: module.Args{"name": "nosuch", "state": "stopped"}, Err: "control nosuch.service: this host has no such unit"},
		{Name: "a user's", Host: with(on), Args: module.Args{"name": "app", "scope": "user"}, Err: "scope user: only units of the system"},
		{Name: "no name", Host: with(on), Args: module.Args{"daemon_reload": true, "state": "started"}, Err: "its name is missing"},
		{Name: "no systemd", Host: func() *systemtest.Fake { f := with(off)(); f.Host.Init = "openrc"; return f },
			Args: module.Args{"name": "app", "state": "started"}, Err: `control systemd: process 1 of this host is "openrc"`},
	})
	moduletest.Run(t, services.Service, []moduletest.Case{
		{Name: "start", Host: with(off), Args: module.Args{"name": "app", "state": "started"}, Want: []change.Change{set("active", "no", "yes")}, Then: then(system.Unit{Active: true})},
	})
}

// A check sees a unit whose file an earlier task would write, and one that an
// opaque command may bring.
func TestAUnitThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	f := systemtest.New()
	systemtest.Systemd(f)
	o := overlay.New(system.ReadOnly(f))
	o.Task("")
	if err := o.WriteFile(file, system.Data([]byte("[Install]\n")), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	args := module.Args{"name": "app", "state": "started", "enabled": true}
	check := func(want int, certain bool) {
		t.Helper()
		o.Task("")
		p, err := services.Systemd.Plan(t.Context(), o, args)
		if err != nil || len(p.Steps) != want {
			t.Fatalf("the plan is %+v, %v", p, err)
		}
		for _, s := range p.Steps {
			if s.Certain != certain {
				t.Errorf("step %+v", s)
			}
		}
		if _, err := p.Apply(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	check(2, true)
	check(0, true)
	o.Taint("an installer", false)
	args["name"] = "other"
	check(2, false)
	check(0, true)
}

func TestSystemdServiceIsSystemd(t *testing.T) {
	t.Parallel()
	moduletest.Run(t, services.SystemdService, []moduletest.Case{{Name: "start", Host: with(system.Unit{Enabled: true}), Args: module.Args{"name": "app", "state": "started"},
		Want: []change.Change{set("active", "no", "yes")}, Then: then(system.Unit{Enabled: true, Active: true}, "systemctl start app.service")}})
}
