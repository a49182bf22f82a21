package accounts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// GroupArgs are the arguments of the group module.
type GroupArgs struct {
	// Name is the group.
	Name string `arg:"name,required" target:"group"`
	// GID is its number.
	GID *int `arg:"gid"`
	// System takes a number for system groups, if the group is made.
	System bool `arg:"system"`
	// NonUnique lets another group have the number too.
	NonUnique bool `arg:"non_unique"`
	// State is whether the group is there.
	State string `arg:"state" enum:"present|absent" default:"present"`
}

// Group makes groups.
var Group = module.Define(module.Spec{
	Name: "group", Summary: "Make or remove a group", Contained: true,
	Example: "- group: {name: etcd, system: true}\n- group: {name: staff2, gid: 2000}\n- group: {name: games, state: absent}\n",
}, planGroup)

func planGroup(ctx context.Context, r system.Reader, a *GroupArgs) (*module.Plan, error) {
	if !proper(a.Name) {
		return nil, fmt.Errorf("%q is no name of a group", a.Name)
	}
	if a.GID != nil && *a.GID < 0 {
		return nil, fmt.Errorf("group %s: its number %d is below 0", a.Name, *a.GID)
	}
	g, err := system.Get[system.Group](ctx, r, a.Name)
	if err != nil && !system.Absent(err) {
		return nil, err
	}
	p := &module.Plan{}
	switch gone := errors.Is(err, fs.ErrNotExist); {
	case a.State == "present":
		a.make(p, g, err == nil)
	case !gone:
		p.Add(change.Change{Action: change.Delete, Kind: "group", Target: a.Name}, run(system.Closed(system.Gone(key("group", a.Name))), "groupdel", a.Name))
	}
	return p, nil
}

// make plans the group, of which g is there.
func (a *GroupArgs) make(p *module.Plan, g system.Group, there bool) {
	c := change.Change{Action: change.Create, Kind: "group", Target: a.Name, After: a.shown()}
	program := "groupadd"
	if there {
		c.Action, c.Before, program = change.Update, change.Attrs("gid", strconv.Itoa(g.GID)), "groupmod"
	} else {
		g.GID = -1
	}
	switch {
	case a.GID != nil && *a.GID != g.GID:
		g.GID = *a.GID
	case there:
		return
	}
	p.Add(c, run(system.Closed(system.Holds(a.Name, g)), a.argv(program)...))
}

func (a *GroupArgs) shown() *change.Value {
	if a.GID == nil {
		return &change.Value{}
	}
	return change.Attrs("gid", strconv.Itoa(*a.GID))
}

func (a *GroupArgs) argv(program string) []string {
	argv := []string{program}
	if a.System && program == "groupadd" {
		argv = append(argv, "-r")
	}
	if a.GID != nil {
		argv = append(argv, "-g", strconv.Itoa(*a.GID))
		if a.NonUnique {
			argv = append(argv, "-o")
		}
	}
	return append(argv, a.Name)
}

// run is a step's only command.
func run(e system.Effects, argv ...string) func(context.Context, system.System) error {
	return func(ctx context.Context, s system.System) error {
		err := s.Run(ctx, system.Command(slices.Clone(argv)...), e)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: this host lacks the shadow suite, on Alpine install the package shadow", err)
		}
		return err
	}
}
