package kubeadm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/ip"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/program"
)

// expiry is what kubeadm says of its certificates.
type expiry struct {
	Certificates           []issued `json:"certificates"`
	CertificateAuthorities []issued `json:"certificateAuthorities"`
}

type issued struct {
	Name     string     `json:"name"`
	End      *time.Time `json:"expirationDate"`
	External bool       `json:"externallyManaged"`
	Missing  bool       `json:"missing"`
}

// users are the certificates that a static pod has read when it was started. What it
// reads again by itself is not among them.
var users = map[string][]string{
	"kube-apiserver":          {"apiserver-kubelet-client", "apiserver-etcd-client", "front-proxy-client"},
	"kube-controller-manager": {"controller-manager.conf"},
	"kube-scheduler":          {"scheduler.conf"},
}

// renewed plans that a control plane's certificates last, and that what runs uses
// them.
func (h *host) renewed(ctx context.Context, p *module.Plan) error {
	if !h.has[adminConf] {
		p.Note = "the host is no control plane: the kubelet renews its own certificate"
		return nil
	}
	p.Output["found"] = "member"
	all, err := h.expiry(ctx)
	if err != nil {
		return err
	}
	expires, limit := map[string]any{}, time.Now().AddDate(0, 0, h.args.RenewBefore)
	var due []issued
	for _, c := range all.Certificates {
		if c.Missing || c.End == nil {
			continue
		}
		if expires[c.Name] = c.End.UTC().Format(time.RFC3339); c.End.Before(limit) && !c.External {
			due = append(due, c)
		}
	}
	p.Output["expires"], p.Note = expires, ending(all.CertificateAuthorities, limit)
	if len(due) > 0 {
		h.renew(p, due)
	}
	return h.fresh(ctx, p, all, len(due) > 0)
}

// ending names the authorities that end before limit: kubeadm renews none.
func ending(all []issued, limit time.Time) string {
	var names []string
	for _, c := range all {
		if !c.Missing && c.End != nil && c.End.Before(limit) {
			names = append(names, c.Name+" on "+c.End.UTC().Format(time.DateOnly))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "these certificate authorities end, and kubeadm renews none: " + strings.Join(names, ", ")
}

func (h *host) expiry(ctx context.Context) (all expiry, err error) {
	c := system.Cmd{Argv: []string{h.kubeadm, "certs", "check-expiration", "-o", "json", "--kubeconfig", h.args.Kubeconfig}}
	c.Reads = []system.Key{system.Path(h.kubeadm), system.Path(h.pki("") + "/"), system.Path(h.args.Kubeconfig), system.Path(adminConf), system.Path(superConf),
		system.Path(managerConf), system.Path(schedulerConf), program.Key("kube-system", "ConfigMap/kubeadm-config")}
	err = program.JSON(ctx, h.r, c, &all)
	return all, program.Explain("look at the certificates", err, "")
}

// renew plans that all certificates are issued anew: they are of one age.
func (h *host) renew(p *module.Plan, due []issued) {
	c := change.Change{Action: change.Update, Kind: "certificates", Target: h.node, Before: change.Attrs(), After: change.Attrs()}
	for _, d := range due {
		c.Before.Attrs = append(c.Before.Attrs, change.Attr{Name: d.Name, Value: "until " + d.End.UTC().Format(time.RFC3339)})
		c.After.Attrs = append(c.After.Attrs, change.Attr{Name: d.Name, Value: change.Later})
	}
	e := &effects{h: h}
	e.renewed()
	cmd := system.Command(h.kubeadm, "certs", "renew", "all", "--kubeconfig", h.args.Kubeconfig)
	p.Add(c, func(ctx context.Context, s system.System) error { return h.run(ctx, s, cmd, system.Closed(e.set...)) })
}

// fresh plans that static pods which run with certificates of before are started
// again: all of them if certificates are renewed, else those that an interrupted
// renewal has left.
func (h *host) fresh(ctx context.Context, p *module.Plan, all expiry, renewing bool) error {
	names := []string{"ConfigMap/kubeadm-config"}
	for _, c := range components {
		names = append(names, "Pod/"+c+"-"+h.node)
	}
	a, err := h.ask(ctx, h.args.Kubeconfig, names...)
	if err != nil {
		return err
	}
	last := 365 * 24 * time.Hour
	if d, err := time.ParseDuration(written(a.is["ConfigMap/kubeadm-config"].Data["ClusterConfiguration"], "certificateValidityPeriod")); err == nil {
		last = d
	}
	for _, c := range components {
		// One that does not run is being started.
		began := a.is["Pod/"+c+"-"+h.node].Started(c)
		if !renewing && (began.IsZero() || !began.Before(all.made(users[c], last))) {
			continue
		}
		if err := h.startAgain(ctx, p, c); err != nil {
			return err
		}
	}
	return nil
}

// made is when the newest of the certificates called names was issued.
func (x expiry) made(names []string, last time.Duration) (t time.Time) {
	for _, c := range x.Certificates {
		if slices.Contains(names, c.Name) && c.End != nil && c.End.Add(-last).After(t) {
			t = c.End.Add(-last)
		}
	}
	return t
}

// startAgain plans that a static pod's container ends, and that the kubelet, which
// starts another, is waited for.
func (h *host) startAgain(ctx context.Context, p *module.Plan, pod string) error {
	stop, err := program.Stopper(ctx, h.r)
	if err != nil {
		return fmt.Errorf("start %s again: %w", pod, err)
	}
	c := change.Change{Action: change.Run, Kind: "static pod", Target: pod, After: change.Attrs("state", "restarted")}
	begun := time.Time{}
	p.Add(c, func(ctx context.Context, s system.System) error {
		begun = time.Now()
		return stop(ctx, s, pod)
	})
	p.Add(change.Change{Action: change.Wait, Kind: "static pod", Target: pod}, func(ctx context.Context, s system.System) error {
		return h.until(ctx, s, pod, begun)
	})
	return nil
}

// names plans an API certificate that is for all names it should be for. kubeadm
// makes one only where there is none.
func (h *host) names(ctx context.Context, p *module.Plan, want document.Document) error {
	crt := h.pki("apiserver.crt")
	all, err := program.Inspect(ctx, h.r, crt)
	if err != nil {
		return err
	}
	missing := absent(all[crt], want)
	if len(missing) == 0 && !all[crt].Absent {
		return nil
	}
	c := change.Change{Action: change.Update, Kind: "certificate", Target: crt, After: change.Attrs("names", strings.Join(missing, ", "))}
	if all[crt].Absent {
		c.Action = change.Create
	} else {
		c.Before = change.Attrs("names", "without them")
	}
	cmd := system.Cmd{Argv: []string{h.kubeadm, "init", "phase", "certs", "apiserver", "--config", "/dev/stdin"}, Feed: h.args.feed(h.args.initial)}
	p.Add(c, func(ctx context.Context, s system.System) error {
		for _, f := range []string{crt, h.pki("apiserver.key")} {
			if err := s.Remove(f); err != nil {
				return err
			}
		}
		e := &effects{h: h}
		e.again(0o644, crt)
		e.again(0o600, h.pki("apiserver.key"))
		return h.run(ctx, s, cmd, system.Closed(e.set...))
	})
	return nil
}

// absent are the names that a configuration wants in the API's certificate and that c
// is not for.
func absent(c program.Cert, want document.Document) (out []string) {
	server, _ := want["apiServer"].(map[string]any)
	list, _ := server["certSANs"].([]any)
	if endpoint, _ := want["controlPlaneEndpoint"].(string); endpoint != "" {
		host := endpoint
		if i := strings.LastIndexByte(endpoint, ':'); i > 0 {
			host = endpoint[:i]
		}
		list = append(slices.Clone(list), strings.Trim(host, "[]"))
	}
	for _, v := range list {
		name, _ := v.(string)
		if name != "" && !isFor(c, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func isFor(c program.Cert, name string) bool {
	want, err := ip.Parse(name)
	if err != nil {
		return slices.ContainsFunc(c.SANs.DNS, func(n string) bool { return strings.EqualFold(n, name) })
	}
	return slices.ContainsFunc(c.SANs.IPs, func(n string) bool {
		has, err := ip.Parse(n)
		return err == nil && has == want
	})
}
