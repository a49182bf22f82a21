package kubeadm

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
)

// reset plans that the host is a member of nothing.
func (h *host) reset(_ context.Context, p *module.Plan) error {
	there, _ := h.traces()
	if ca := h.pki("ca.crt"); h.has[ca] {
		there = append(there, path.Base(ca))
	}
	if len(there) == 0 {
		p.Output["found"] = "bare"
		return nil
	}
	p.Output["found"] = "member"
	c := change.Change{Action: change.Delete, Kind: "member", Target: h.node, Before: change.Attrs("found", tally(there, nil))}
	e := h.leaves()
	p.Add(c, func(ctx context.Context, s system.System) error {
		argv := []string{h.kubeadm, "reset"}
		if !h.has[manifestOf("etcd")] {
			// It would take the data of an etcd that runs on its own for its own.
			argv = append(argv, "--skip-phases", "remove-etcd-member")
		}
		cmd := system.Command(append(argv, "--force")...)
		if d := h.args.document("ResetConfiguration"); d != nil {
			own := h.args.own("ResetConfiguration")
			document.Fill(own, "force", true)
			cmd = system.Cmd{Argv: append(argv, "--config", "/dev/stdin"), Feed: func() ([]byte, error) { return document.Stream([]document.Document{own}) }}
		}
		return h.run(ctx, s, cmd, e)
	}).Certain = !h.unsure
	return nil
}

// leaves are the effects of a reset.
func (h *host) leaves() system.Effects {
	e := &effects{h: h}
	for _, p := range []string{adminConf, superConf, kubeletConf, bootstrapConf, managerConf, schedulerConf} {
		e.set = append(e.set, system.Gone(system.Path(p)))
	}
	e.emptied(h.pki(""))
	e.emptied(path.Dir(manifestOf("etcd")))
	e.vague(system.Path(kubeletDir + "/"))
	e.set = append(e.set, system.Gone(system.Path(kubeletConfig)), system.Gone(system.Path(kubeletFlags)))
	if h.has[manifestOf("etcd")] {
		e.vague(system.Path(h.etcdDir() + "/"))
		e.set = append(e.set, system.Gone(system.Path(h.etcdData())))
	}
	e.kubelet(false)
	e.vague(system.Key{Kind: "cluster", Name: "node/" + h.node}, system.Key{Kind: "cluster", Name: "etcd/" + h.node})
	out := system.Closed(e.set...)
	out.Why = "kubeadm reset"
	return out
}

// emptied is a directory that stays, with nothing in it.
func (e *effects) emptied(dir string) {
	all, err := e.h.r.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.vague(system.Path(dir + "/"))
	}
	for _, in := range all {
		e.set = append(e.set, system.Gone(system.Path(path.Join(dir, path.Base(in.Path)))))
	}
}
