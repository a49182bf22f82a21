package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/elsewhere"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// reach says how h is connected to for the attempt's task, and as whom it runs:
// variables, then keywords, then the command line.
func (a *attempt) reach(h *host, v *scope.Scope) (fleet.Target, error) {
	conn, err := inventory.Connection(h.name, func(name string) (any, bool) {
		x, ok := v.Child(name)
		if !ok {
			return nil, false
		}
		got, err := v.Resolve(x)
		if _, vague := got.(unknown.Value); err != nil || vague {
			return nil, false
		}
		return got, true
	})
	if err != nil {
		return fleet.Target{}, err
	}
	a.defaults(h, v, &conn)
	become, err := a.become(v, conn.Become)
	return fleet.Target{Name: h.name, Conn: conn, Become: become}, err
}

// defaults fills in what variables leave open.
func (a *attempt) defaults(h *host, v *scope.Scope, c *inventory.Conn) {
	if _, said := v.Child("ansible_connection"); !said {
		if via := v.Text(a.Connect.Via); via != "" {
			c.Kind = inventory.Kind(via)
		} else if a.Options.Connect.Kind != "" {
			c.Kind = a.Options.Connect.Kind
		}
		if h.at.Implicit {
			c.Kind = inventory.Local
		}
	}
	cli := a.Options.Connect
	c.User = cmp.Or(c.User, v.Text(a.Connect.User), cli.User)
	c.Port = cmp.Or(c.Port, v.Whole(a.Connect.Port))
	c.HostKeys = cmp.Or(c.HostKeys, cli.HostKeys)
	c.Timeout = cmp.Or(c.Timeout, cli.Timeout)
	c.Password = cmp.Or(cli.Password, c.Password)
	if len(c.KeyFiles) == 0 && cli.PrivateKey != "" {
		c.KeyFiles = []string{cli.PrivateKey}
	}
}

// become is as whom the task runs.
func (a *attempt) become(v *scope.Scope, said inventory.Become) (wire.Become, error) {
	cli, k := a.Options.Connect, a.Become
	on := cli.Become
	if k.On != nil {
		on = v.Truth(k.On)
	}
	if said.Enabled != nil {
		on = *said.Enabled
	}
	if !on {
		return wire.Become{}, nil
	}
	b := wire.Become{
		Method:   cmp.Or(said.Method, v.Text(k.Method), cli.BecomeMethod, "sudo"),
		User:     cmp.Or(said.User, v.Text(k.User), cli.BecomeUser, "root"),
		Exe:      cmp.Or(said.Exe, v.Text(k.Exe)),
		Flags:    cmp.Or(strings.Join(said.Flags, " "), v.Text(k.Flags)),
		Password: cmp.Or(cli.BecomePassword, said.Password),
	}
	if b.Method != "sudo" && b.Method != "su" && b.Method != "doas" {
		return b, a.problem("unknown become method", b.Method, "it may be sudo, su or doas")
	}
	return b, nil
}

// other is the host that a task is delegated to.
func (a *attempt) other(name string) *host { return a.walk.play.host(name) }

// look finds what is called name on the host called from, as the task's user there.
func (a *attempt) look(from, name string) (any, error) {
	if _, ok := a.inventory.Host(from); !ok && from != "localhost" {
		hint := diag.Suggest(from, a.inventory.Names())
		return nil, a.problem("unknown host to copy from", fmt.Sprintf("%q", from), cmp.Or(hint, "it must be in the inventory"))
	}
	h := a.other(from)
	at, err := a.reach(h, a.walk.view(h, a.Task))
	if err != nil {
		return nil, err
	}
	do := func(ctx context.Context, q *wire.Request) *wire.Result { return a.Fleet.Do(ctx, at, q) }
	return elsewhere.Host{Name: from, Task: a.view.Title(a.Task), Become: at.Become, Do: do}.Find(a.ctx, name, a.Spec.SourceFiles)
}

// controller is the machine that gokube runs on, as the user who started it.
func (a *attempt) controller() (fleet.Target, error) {
	h := a.other("localhost")
	to, err := a.reach(h, a.walk.view(h, a.Task))
	to.Conn.Kind, to.Become = inventory.Local, wire.Become{}
	return to, err
}

// send has the target do the request: in its runner, or for a module that needs
// none over the bare connection. A check predicts raw commands in the runner, where
// the overlay is.
func (a *attempt) send(to fleet.Target, req *wire.Request) *wire.Result {
	if a.Spec.Where != module.OnShell || a.Check {
		return a.Fleet.Do(a.ctx, to, req)
	}
	shell, werr := a.Fleet.Shell(a.ctx, to)
	if werr != nil {
		return &wire.Result{Err: werr}
	}
	plan, err := a.modules[a.Module].Plan(a.ctx, shell, req.Args)
	if err != nil {
		return &wire.Result{Err: &wire.Error{Kind: wire.BadArgs, Text: err.Error()}}
	}
	r := &wire.Result{Changes: plan.Changes(), Output: plan.Output}
	var exit *system.ExitError
	if r.Done, err = plan.Apply(a.ctx, became{shell, to.Become}); errors.As(err, &exit) {
		r.Err = &wire.Error{Kind: wire.Command, Text: err.Error(), Stdout: string(exit.Output.Stdout), Stderr: string(exit.Output.Stderr), Code: exit.Output.Code}
	} else if err != nil {
		r.Err = &wire.Error{Kind: wire.Lost, Text: err.Error()}
	}
	return r
}

// became is a shell that runs commands as another user; only sudo is told a
// password.
type became struct {
	system.System
	as wire.Become
}

// Capture runs c through the become method.
func (b became) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	exe := b.as.Exe
	if exe == "" {
		exe = b.as.Method
	}
	password := b.as.Password.Reveal()
	switch {
	case b.as.Method == "sudo" && password != "":
		// sudo that wants no password leaves it to be read: not by the command
		apart := []string{"sh", "-c", `exec "$@" </dev/null`, "sh"}
		c.Argv = slices.Concat([]string{exe}, strings.Fields(b.as.Flags), []string{"-S", "-p", "", "-u", b.as.User, "--"}, apart, c.Argv)
		c.Stdin = []byte(password + "\n")
	case b.as.Method == "sudo", b.as.Method == "doas":
		c.Argv = slices.Concat([]string{exe, "-n"}, strings.Fields(b.as.Flags), []string{"-u", b.as.User}, c.Argv)
	case b.as.Method == "su":
		c.Argv = []string{exe, b.as.User, "-c", c.String()}
	}
	return b.System.Capture(ctx, c, e)
}
