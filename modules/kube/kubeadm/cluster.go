package kubeadm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

const marked = "node-role.kubernetes.io/control-plane"

// answer is what the cluster says of a host and of itself.
type answer struct {
	is map[string]program.Object
	// down is why nothing was said, nil if it was.
	down error
}

// node is the host as the cluster has it.
func (a *answer) node(name string) (o program.Object, ok bool) {
	o, ok = a.is["Node/"+name]
	return o, ok
}

// plane reports whether the cluster has the host for a control plane.
func (a *answer) plane(name string) bool {
	o, _ := a.node(name)
	_, ok := o.Metadata.Labels[marked]
	return ok
}

// lacks is the first of names that is not there.
func (a *answer) lacks(names ...string) string {
	for _, n := range names {
		if _, ok := a.is[n]; !ok {
			return n
		}
	}
	return ""
}

// ask asks the cluster for objects, with a host's own kubeconfig. A cluster that does
// not answer is no error.
func (h *host) ask(ctx context.Context, config string, names ...string) (*answer, error) {
	if h.noKubectl != nil {
		return nil, fmt.Errorf("ask the cluster about %s: %w", h.node, h.noKubectl)
	}
	is, err := h.kubectlWith(config).Get(ctx, h.r, "kube-system", names...)
	if program.Forbidden(err) && config == h.args.Kubeconfig && h.has[superConf] {
		// Until an init is through, only the super admin has rights.
		is, err = h.kubectlWith(superConf).Get(ctx, h.r, "kube-system", names...)
	}
	if program.Unknown(err) {
		return nil, err
	}
	return &answer{is: is, down: err}, nil
}

// kubectlWith is the host's kubectl. One that joins asks where it is to join: its own
// API may not be up.
func (h *host) kubectlWith(config string) program.Kubectl {
	k := program.Kubectl{Path: h.kubectl, Config: config}
	if h.args.State == "joined" && h.args.Endpoint != "" {
		k.Server = "https://" + h.args.Endpoint
	}
	return k
}

// serve plans that the kubelet of a member runs.
func (h *host) serve(p *module.Plan) {
	if h.kubelet.err != nil || h.kubelet.Active {
		return
	}
	c := change.Change{Action: change.Update, Kind: "unit", Target: "kubelet.service", Before: change.Attrs("active", "no"), After: change.Attrs("active", "yes")}
	p.Add(c, func(ctx context.Context, s system.System) error {
		e := &effects{h: h}
		e.kubelet(true)
		return s.Run(ctx, system.Command("systemctl", "start", "kubelet.service"), system.Closed(e.set...))
	})
}

// errAgain has the engine look again: what was waited for has come.
var errAgain = fmt.Errorf("the host has changed since it was looked at: %w", fs.ErrExist)

// silent is for a host that has been a member and whose cluster does not answer: it is
// no half-done one, nothing is done to it, and more is known when the cluster answers.
func (h *host) silent(p *module.Plan, config string) {
	p.Output["found"] = "member"
	h.serve(p)
	p.Add(change.Change{Action: change.Wait, Kind: "cluster", Target: h.node}, func(ctx context.Context, s system.System) error {
		limit := time.Now().Add(time.Duration(h.args.Wait) * time.Second)
		for {
			_, err := h.kubectlWith(config).Get(ctx, s, "kube-system", "Node/"+h.node)
			switch {
			case err == nil:
				return errAgain
			case time.Now().After(limit):
				return fmt.Errorf("the host is a member of a cluster that does not answer; nothing was done to it: %w", err)
			}
			if err := pause(ctx); err != nil {
				return err
			}
		}
	})
}

// atWork reports whether a kubeadm runs on the host: one of a run that has lost its
// controller, say, which goes on to its end.
func (h *host) atWork() (bool, error) {
	all, err := h.r.ReadDir("/proc")
	if err != nil {
		if system.Absent(err) {
			err = nil
		}
		return false, err
	}
	for _, in := range all {
		if n := path.Base(in.Path); n[0] < '0' || n[0] > '9' {
			continue
		}
		if name, err := system.ReadFile(h.r, path.Join(in.Path, "comm")); err == nil && strings.TrimSpace(string(name)) == "kubeadm" {
			return true, nil
		}
	}
	return false, nil
}

// ended waits until no kubeadm is at work: what it makes of the host is to be seen
// first.
func (h *host) ended(p *module.Plan) {
	p.Add(change.Change{Action: change.Wait, Kind: "kubeadm", Target: "that is at work"}, func(ctx context.Context, s system.System) error {
		now := &host{r: s}
		for {
			if at, err := now.atWork(); !at {
				return errors.Join(err, errAgain)
			}
			if err := pause(ctx); err != nil {
				return err
			}
		}
	})
}

// pause lies between two looks.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(interval):
		return nil
	}
}

// registered waits until the cluster knows the host.
func (h *host) registered(p *module.Plan, config string) {
	p.Add(change.Change{Action: change.Wait, Kind: "node", Target: h.node}, func(ctx context.Context, s system.System) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		for {
			is, err := h.kubectlWith(config).Get(ctx, s, "kube-system", "Node/"+h.node)
			if err == nil && len(is) > 0 {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("the cluster does not know %s after %s; if it was removed from it, reset the host first (state: reset)", h.node, patience)
			case <-time.After(interval):
			}
		}
	})
}

const (
	patience = 5 * time.Minute
	interval = 500 * time.Millisecond
)

// run has kubeadm do something, and if it fails asks the kubelet why.
func (h *host) run(ctx context.Context, s system.System, c system.Cmd, e system.Effects) error {
	begun := time.Now()
	err := s.Run(ctx, c, e)
	var exit *system.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	log := system.Cmd{Argv: []string{"journalctl", "-u", "kubelet", "--since", "@" + strconv.FormatInt(begun.Unix(), 10), "-n", "20", "--no-pager", "-q", "-o", "cat"}}
	out, lerr := s.Query(ctx, log)
	if lerr != nil {
		out.Stdout = nil // the failure itself is told
	}
	return program.Explain(strings.Join(c.Argv[:min(2, len(c.Argv))], " "), err, out.Text())
}
