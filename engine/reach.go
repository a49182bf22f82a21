package engine

import (
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"

	"cmp"
	"strings"
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
