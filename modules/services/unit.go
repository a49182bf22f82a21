package services

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// unit is one that a task controls; now is what it will be when the steps that
// are planned so far are taken.
type unit struct {
	name  string
	args  *SystemdArgs
	plan  *module.Plan
	now   system.Unit
	vague bool // nobody knows what it is like: every step is possible, none certain
	loose bool // it was masked: what else it is will be seen when it no longer is
}

// steps plans what a asks for, in the order in which systemd can do it.
func (u *unit) steps() error {
	a := u.args
	u.reload()
	if a.Masked != nil {
		u.mask(*a.Masked)
	}
	if starts := a.State == "started" && !u.now.Active || a.State == "restarted" || a.State == "reloaded"; u.now.Masked && !u.vague {
		if starts || a.Enabled != nil && *a.Enabled {
			return fmt.Errorf("control %s: it is masked, set masked: false to have it unmasked", u.name)
		}
	}
	if a.Enabled != nil {
		u.enable(*a.Enabled)
	}
	u.state()
	return nil
}

// reload comes first where the unit runs with, or would be started from, what its
// files no longer say.
func (u *unit) reload() {
	starts := !u.now.Active && u.args.State != "" && u.args.State != "stopped"
	if !u.args.DaemonReload || u.args.DaemonReexec || !u.vague && !u.now.Stale && !starts {
		return
	}
	u.now.Stale = false
	daemon(u.plan, "daemon-reload").Certain = !u.vague
}

// say plans one call of systemctl, after which the unit is as now says.
func (u *unit) say(c change.Change, verb ...string) {
	c.Kind, c.Target = "unit", u.name
	cmd := system.Command(append(append([]string{"systemctl"}, verb...), u.name)...)
	e := system.Closed(system.Holds(u.name, u.now))
	if !u.sure(verb[0]) {
		e = system.Closed(system.Vague(system.Key{Kind: "unit", Name: u.name}))
	}
	if verb[0] == "enable" || verb[0] == "disable" || verb[0] == "mask" || verb[0] == "unmask" {
		e.Set = append(e.Set, system.Vague(system.AllUnits()))
	}
	u.plan.Add(c, func(ctx context.Context, s system.System) error { return s.Run(ctx, cmd, e) }).Certain = !u.vague
}

// sure reports whether all of a unit is known after verb: of one that was not known
// before, only if the task asks for all that others may look at.
func (u *unit) sure(verb string) bool {
	all := u.args.Enabled != nil && *u.args.Enabled && u.args.State != "" && verb != "enable"
	return verb != "--no-block" && verb != "unmask" && (all || !u.vague && !u.loose)
}

// set plans that an attribute becomes yes or no.
func (u *unit) set(attr string, yes bool, verb ...string) {
	c := change.Change{Action: change.Update, Before: change.Attrs(attr, word(!yes)), After: change.Attrs(attr, word(yes))}
	if u.vague {
		c.Before = nil
	}
	u.say(c, verb...)
}

func word(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (u *unit) mask(want bool) {
	if u.now.Masked == want && !u.vague {
		return
	}
	u.now.Masked, u.now.Stale = want, false
	if want {
		u.now.Enabled, u.now.Static = false, false
		u.set("masked", true, "mask")
		return
	}
	u.loose = true
	u.set("masked", false, "unmask")
}

func (u *unit) enable(want bool) {
	if u.now.Enabled == want && !u.vague {
		return
	}
	if u.now.Static && !want {
		u.plan.Note = u.name + " is static: it cannot be disabled, only masked"
		return
	}
	u.now.Enabled, u.now.Stale = want, false
	verb := []string{"disable"}
	if want {
		verb[0] = "enable"
	}
	if u.args.Force {
		verb = append(verb, "--force")
	}
	u.set("enabled", want, verb...)
}

func (u *unit) state() {
	was := u.now.Active
	switch u.args.State {
	case "started", "stopped":
		want := u.args.State == "started"
		if was == want && !u.vague {
			return
		}
		if u.now.Active = want; !want {
			u.now.Stale = false
		}
		u.set("active", want, u.verb(map[bool]string{true: "start", false: "stop"}[want])...)
	case "restarted", "reloaded":
		u.now.Active = true
		verb := "restart"
		if u.args.State == "reloaded" {
			verb = map[bool]string{true: "reload", false: "start"}[was]
		}
		if u.vague && verb == "start" {
			verb = "reload-or-restart"
		}
		u.say(change.Change{Action: change.Run, After: change.Attrs("state", u.args.State)}, u.verb(verb)...)
	}
}

func (u *unit) verb(v string) []string {
	if u.args.NoBlock {
		return []string{"--no-block", v}
	}
	return []string{v}
}
