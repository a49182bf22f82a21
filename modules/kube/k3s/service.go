package k3s

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

// service plans that k3s starts with the host, runs, and runs with what it is given.
func (i *install) service(ctx context.Context) error {
	name := i.unit + ".service"
	u, err := system.Get[system.Unit](ctx, i.r, name)
	if err != nil && !system.Absent(err) {
		return err
	}
	certain := !program.Unknown(err)
	fresh, err := i.runsFresh(ctx, u)
	if err != nil {
		return err
	}
	switch {
	case !u.Active:
		c := change.Change{Action: change.Update, Kind: "unit", Target: name, Before: change.Attrs("active", "no"), After: change.Attrs("active", "yes")}
		i.start(c, certain, "start")
	case !fresh:
		i.start(change.Change{Action: change.Run, Kind: "unit", Target: name, After: change.Attrs("state", "restarted")}, certain, "restart")
	}
	if !u.Enabled {
		c := change.Change{Action: change.Update, Kind: "unit", Target: name, Before: change.Attrs("enabled", "no"), After: change.Attrs("enabled", "yes")}
		e := system.Closed(system.Holds(name, system.Unit{Enabled: true, Active: true}), system.Vague(system.AllUnits()))
		i.plan.Add(c, func(ctx context.Context, s system.System) error {
			return s.Run(ctx, system.Command("systemctl", "enable", name), e)
		}).Certain = certain
	}
	return i.told(i.r)
}

// runsFresh reports whether the running k3s was started with what it is given now.
func (i *install) runsFresh(ctx context.Context, u system.Unit) (bool, error) {
	if !u.Active || i.done > 0 {
		return false, nil
	}
	c := system.Command("systemctl", "show", "--property=MainPID", i.unit+".service")
	c.Reads = []system.Key{{Kind: "unit", Name: i.unit + ".service"}}
	text, err := program.Text(ctx, i.r, c)
	if err != nil {
		return false, err
	}
	_, pid, _ := strings.Cut(text, "=")
	// A process is no file that could be predicted: what it is goes with its unit.
	env, err := i.r.Query(ctx, system.Cmd{Argv: []string{"cat", "/proc/" + pid + "/environ"}, Reads: c.Reads})
	return err == nil && strings.Contains("\x00"+string(env.Stdout)+"\x00", "\x00"+mark+"="+i.digest+"\x00"), err
}

// start plans that systemd reads its units and starts k3s, or starts it again.
func (i *install) start(c change.Change, certain bool, verb string) {
	name := i.unit + ".service"
	set := []system.Effect{system.Vague(system.AllUnits()), system.Vague(system.Path("/etc/rancher/node/")),
		system.Vague(system.Path(dataDir + "/data/")), system.Vague(system.Key{Kind: "cluster", Name: "node/" + i.r.Facts().Hostname})}
	if u, err := system.Get[system.Unit](context.Background(), i.r, name); err == nil {
		set = append(set, system.Holds(name, system.Unit{Enabled: u.Enabled, Active: true}))
	} else {
		set = append(set, system.Holds(name, system.Unit{Active: true}))
	}
	if i.args.Role == "server" {
		set = append(set, system.Vague(system.Path(dataDir+"/server/")), system.Vague(system.Path(kubeconfig)), system.Holds(fullToken, system.Info{Attrs: system.Attrs{Mode: 0o600}}))
	}
	e := system.Closed(set...)
	e.Why = "starting k3s"
	i.plan.Add(c, func(ctx context.Context, s system.System) error {
		if err := s.Run(ctx, system.Command("systemctl", "daemon-reload"), system.Closed(system.Vague(system.AllUnits()))); err != nil {
			return err
		}
		within, cancel := context.WithTimeout(ctx, time.Duration(i.args.Timeout)*time.Second)
		defer cancel()
		if err := s.Run(within, system.Command("systemctl", verb, name), e); err != nil {
			return i.why(ctx, s, within, err)
		}
		return i.told(s)
	}).Certain = certain
}

// why is err with what k3s says last.
func (i *install) why(ctx context.Context, s system.System, within context.Context, err error) error {
	if errors.Is(within.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("k3s is not ready after %d s (wrong token, or a server that does not answer?)", i.args.Timeout)
	}
	var exit *system.ExitError
	if ctx.Err() != nil || !errors.As(err, &exit) && !errors.Is(within.Err(), context.DeadlineExceeded) {
		return err
	}
	log := system.Cmd{Argv: []string{"journalctl", "-u", i.unit, "-n", "20", "--no-pager", "-o", "cat"}}
	if text, lerr := program.Text(ctx, s, log); lerr == nil && text != "" {
		return fmt.Errorf("%w\nits last lines:\n  %s", err, strings.ReplaceAll(text, "\n", "\n  "))
	}
	return err
}
