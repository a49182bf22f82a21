package kubeadm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/program"
)

// differences plans what of a cluster's configuration differs from the task's, both
// as kubeadm completes them.
func (h *host) differences(ctx context.Context, p *module.Plan, a *answer) error {
	want, have, err := h.configurations(ctx, a.is["ConfigMap/kubeadm-config"].Data["ClusterConfiguration"])
	if err != nil {
		return err
	}
	if err := errors.Join(fixed(want, have), moved(want, have)); err != nil {
		return fmt.Errorf("change the cluster of %s: %w", h.node, err)
	}
	if err := h.names(ctx, p, want); err != nil {
		return err
	}
	sections := document.Differing(want, have)
	due := h.phases(sections)
	for _, f := range due {
		h.phase(p, f, "")
	}
	if !slices.Contains(due, "control-plane all") {
		if err := h.stale(ctx, p, want, due); err != nil {
			return err
		}
	}
	if len(sections) > 0 {
		h.upload(p, "kubeadm-config", "kubeadm", want, have)
	}
	return h.components(ctx, p, a)
}

// components plans what of the configurations of the kubelet and of kube-proxy that
// the cluster keeps differs from the task's.
func (h *host) components(ctx context.Context, p *module.Plan, a *answer) error {
	for _, c := range []struct{ kind, object, key string }{{"KubeletConfiguration", "kubelet-config", "kubelet"}, {"KubeProxyConfiguration", "kube-proxy", "config.conf"}} {
		stored := a.is["ConfigMap/"+c.object].Data[c.key]
		want := h.args.document(c.kind)
		if stored == "" || want == nil {
			continue
		}
		docs, err := program.Documents(ctx, h.r, stored)
		if err != nil || len(docs) == 0 {
			return err
		}
		next := document.Over(docs[0], want)
		switch {
		case document.Same(docs[0], next):
		case c.key == "kubelet":
			h.upload(p, c.object, "kubelet", next, docs[0])
		default:
			h.proxy(p, next, docs[0])
		}
	}
	return h.kubeletFollows(ctx, p, h.args.document("KubeletConfiguration"))
}

// configurations are the ClusterConfiguration that the task comes to, and the one
// that the cluster keeps.
func (h *host) configurations(ctx context.Context, stored string) (want, have document.Document, err error) {
	text, err := h.completed(ctx, h.args.initial(h.args.standIn()))
	if err != nil {
		return nil, nil, err
	}
	docs, err := program.Documents(ctx, h.r, text+"\n---\n"+stored)
	if err != nil {
		return nil, nil, err
	}
	docs = slices.DeleteFunc(docs, func(d document.Document) bool { return d["kind"] != "ClusterConfiguration" })
	if len(docs) != 2 {
		return nil, nil, errors.New("read the cluster's configuration: kubeadm-config holds no ClusterConfiguration")
	}
	want, have = docs[0], docs[1]
	if want["apiVersion"] != have["apiVersion"] {
		if have, err = h.migrated(ctx, have); err != nil {
			return nil, nil, err
		}
	}
	if h.args.Version == "" && h.args.document("ClusterConfiguration")["kubernetesVersion"] == nil {
		want["kubernetesVersion"] = have["kubernetesVersion"]
	}
	return want, have, nil
}

// completed is docs as kubeadm completes them, in the version of its API that it
// speaks best.
func (h *host) completed(ctx context.Context, docs []document.Document) (string, error) {
	in, err := document.Stream(docs)
	if err != nil {
		return "", err
	}
	c := system.Cmd{Argv: []string{h.kubeadm, "config", "migrate", "--old-config", "/dev/stdin"}, Stdin: in, Reads: []system.Key{system.Path(h.kubeadm)}}
	text, err := program.Text(ctx, h.r, c)
	if err != nil {
		return "", program.Explain("judge the configuration", err, "")
	}
	return text, nil
}

// migrated is a ClusterConfiguration that was written by another version of kubeadm.
func (h *host) migrated(ctx context.Context, d document.Document) (document.Document, error) {
	text, err := h.completed(ctx, []document.Document{d})
	if err != nil {
		return nil, err
	}
	docs, err := program.Documents(ctx, h.r, text)
	for _, d := range docs {
		if d["kind"] == "ClusterConfiguration" {
			return d, err
		}
	}
	return nil, err
}

// settled are what no init can change once there is a cluster, and what can.
var settled = []struct{ path, way string }{
	{"kubernetesVersion", "state: upgraded moves a cluster to another version"},
	{"networking.podSubnet", "make the cluster anew"},
	{"networking.serviceSubnet", "make the cluster anew"},
	{"networking.dnsDomain", "make the cluster anew"},
	{"controlPlaneEndpoint", "the members know the API by it; keep it, and point its name or address elsewhere"},
	{"certificatesDir", "keep it"},
	{"clusterName", "keep it"},
	{"etcd.external.caFile", "keep it, and put another certificate there"},
	{"etcd.external.certFile", "keep it, and put another certificate there"},
	{"etcd.external.keyFile", "keep it, and put another key there"},
	{"etcd.local.dataDir", "keep it"},
}

// fixed is an error if want and have differ where nothing can be done about it.
func fixed(want, have document.Document) error {
	var errs []error
	for _, s := range settled {
		if w, h := document.At(want, s.path), document.At(have, s.path); !document.Same(w, h) {
			errs = append(errs, fmt.Errorf("%s is %v and cannot become %v here: %s", s.path, h, w, s.way))
		}
	}
	return errors.Join(errs...)
}

// endpoints are those of an etcd that runs on its own, in the order of their names.
func endpoints(d document.Document) (out []string) {
	list, _ := document.At(d, "etcd.external.endpoints").([]any)
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moved is an error if a cluster would get another etcd: members come and go, and some
// stay. Their order says nothing, and is kept as it is.
func moved(want, have document.Document) error {
	w, h := endpoints(want), endpoints(have)
	stays := slices.ContainsFunc(w, func(e string) bool { return slices.Contains(h, e) })
	switch {
	case slices.Equal(w, h) && len(w) > 0:
		document.Make(document.Make(want, "etcd"), "external")["endpoints"] = document.At(have, "etcd.external.endpoints")
	case len(w) > 0 && len(h) > 0 && !stays:
		return fmt.Errorf("etcd.external.endpoints are %v and cannot become %v at once: none of them stays; exchange members one at a time", h, w)
	}
	return nil
}

// phases are those of an init that bring about what differs.
func (h *host) phases(sections []string) (out []string) {
	of := map[string][]string{
		"apiServer": {"control-plane apiserver"}, "controllerManager": {"control-plane controller-manager"}, "scheduler": {"control-plane scheduler"},
		"etcd": {"etcd local"}, "dns": {"addon coredns"}, "proxy": {"addon kube-proxy"}, "featureGates": {"control-plane all"},
		"imageRepository": {"control-plane all", "etcd local", "addon coredns", "addon kube-proxy"},
	}
	if !h.stacked() {
		of["etcd"] = of["apiServer"]
	}
	for _, s := range sections {
		for _, f := range of[s] {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// phase plans one phase of an init; found is what makes it due, for people.
func (h *host) phase(p *module.Plan, name, found string) {
	word := strings.Fields(name)
	argv := append([]string{h.kubeadm, "init", "phase"}, word...)
	cmd := system.Cmd{Argv: append(argv, "--config", "/dev/stdin"), Feed: h.args.feed(h.args.initial)}
	e := &effects{h: h}
	switch {
	case name == "etcd local":
		e.again(0o600, manifestOf("etcd"))
	case name == "control-plane all":
		for _, c := range components {
			e.again(0o600, manifestOf(c))
		}
	case word[0] == "control-plane":
		e.again(0o600, manifestOf("kube-"+word[1]))
	}
	c := change.Change{Action: change.Update, Kind: "phase", Target: name, After: change.Attrs("on", h.node)}
	if found != "" {
		c.After = change.Attrs("on", h.node, "found", found)
	}
	do := func(ctx context.Context, s system.System) error { return h.run(ctx, s, cmd, system.Closed(e.set...)) }
	if name == "control-plane apiserver" || name == "control-plane all" {
		h.rolled(p, c, do)
		return
	}
	p.Add(c, do)
}

// upload plans that the cluster keeps the new configuration. It comes last: as long
// as it is not done, the phases before it are due.
func (h *host) upload(p *module.Plan, object, what string, want, have document.Document) {
	cmd := system.Cmd{Argv: []string{h.kubeadm, "init", "phase", "upload-config", what, "--config", "/dev/stdin"}, Feed: h.args.feed(h.args.initial)}
	e := system.Closed(system.Vague(program.Key("kube-system", "ConfigMap/"+object)))
	p.Add(kept(object, want, have), func(ctx context.Context, s system.System) error { return h.run(ctx, s, cmd, e) })
}

// kept is the change of what the cluster keeps.
func kept(object string, want, have document.Document) change.Change {
	c := change.Change{Action: change.Update, Kind: "configuration", Target: object, Before: change.Attrs(), After: change.Attrs()}
	c.Before.WithText([]byte(document.Shown(have)), "")
	c.After.WithText([]byte(document.Shown(want)), "")
	return c
}

// proxy plans another configuration of kube-proxy, which it reads when it starts.
func (h *host) proxy(p *module.Plan, want, have document.Document) {
	cmd := system.Cmd{Argv: []string{h.kubeadm, "init", "phase", "addon", "kube-proxy", "--config", "/dev/stdin"}, Feed: h.args.feed(h.args.initial)}
	again := h.kubectlWith(h.args.Kubeconfig).Command("-n", "kube-system", "rollout", "restart", "DaemonSet/kube-proxy")
	e := system.Closed(system.Vague(program.Key("kube-system", "ConfigMap/kube-proxy")), system.Vague(program.Key("kube-system", "DaemonSet/kube-proxy")))
	p.Add(kept("kube-proxy", want, have), func(ctx context.Context, s system.System) error {
		if err := h.run(ctx, s, cmd, e); err != nil {
			return err
		}
		return s.Run(ctx, again, e)
	})
}
