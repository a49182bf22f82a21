package kubeadm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

var (
	errNoHash = errors.New("join a cluster: ca_hash is missing: a join always compares the cluster's CA (kube_token gives both token and ca_hash)")
	errUnsafe = errors.New("join a cluster: unsafeSkipCAVerification is set: a join always compares the cluster's CA; give ca_hash and leave it out")
	errNoAPI  = errors.New("join a cluster: endpoint is missing: HOST:PORT where its API is found")
)

// joined plans that the host is a member of a cluster that is there.
func (h *host) joined(ctx context.Context, p *module.Plan) error {
	if err := h.sameCA(ctx, h.r); err != nil {
		return err
	}
	switch {
	case h.bare():
		p.Output["found"] = "bare"
		return h.join(ctx, p, attempt{ignore: h.given()})
	case h.has[adminConf] || h.args.Role == "control_plane":
		return h.joinedPlane(ctx, p)
	}
	return h.joinedWorker(ctx, p)
}

// given is the check that a CA which is there already would fail.
func (h *host) given() string {
	if h.args.Role == "worker" && h.has[h.pki("ca.crt")] {
		return "FileAvailable--etc-kubernetes-pki-ca.crt"
	}
	return ""
}

// joinedWorker looks at a host that has something of a worker.
func (h *host) joinedWorker(ctx context.Context, p *module.Plan) error {
	there, _ := h.traces()
	if !h.has[kubeletConf] {
		p.Output["found"] = "half-done"
		return h.join(ctx, p, attempt{ignore: leftovers, found: "a join that stopped before the kubelet had its certificate: " + tally(there, nil)})
	}
	p.Output["found"] = "member"
	if h.noKubectl != nil {
		h.serve(p)
		return h.kubeletFollows(ctx, p, h.args.document("KubeletConfiguration"))
	}
	a, err := h.ask(ctx, kubeletConf, "Node/"+h.node, "ConfigMap/kubelet-config")
	if err != nil {
		return err
	}
	h.serve(p)
	if a.down != nil {
		p.Note = "the cluster does not answer, the host has all that a member has"
		return nil
	}
	if _, known := a.node(h.node); known {
		want, err := h.kubeletsOfAll(ctx, a)
		if err != nil {
			return err
		}
		return h.kubeletFollows(ctx, p, want)
	}
	p.Output["found"] = "half-done"
	h.restart(p, "the kubelet has its certificate, and the cluster does not know "+h.node)
	h.registered(p, kubeletConf)
	return nil
}

// joinedPlane looks at a host that has something of a control plane, or is to become
// one and has something of a member.
func (h *host) joinedPlane(ctx context.Context, p *module.Plan) error {
	there, missing := h.traces()
	if h.has[kubeletConf] && !h.has[adminConf] {
		return fmt.Errorf("join %s as a control plane: the host is a worker of the cluster already; drain it, reset it (state: reset) and join it again", h.node)
	}
	t := attempt{ignore: leftovers, found: "a join that did not come to its end: " + tally(there, missing)}
	if !h.has[adminConf] { // it cannot ask
		p.Output["found"] = "half-done"
		return h.again(ctx, p, t)
	}
	a, err := h.ask(ctx, h.args.Kubeconfig, "Node/"+h.node)
	if err != nil {
		return err
	}
	if a.down != nil && h.rooted() {
		h.silent(p, h.args.Kubeconfig)
		return nil
	}
	if a.plane(h.node) && h.complete() {
		p.Output["found"] = "member"
		h.serve(p)
		return h.follows(ctx, p)
	}
	return h.rejoin(ctx, p, a, t)
}

// rejoin plans the rest of a control plane's join, as far as the cluster says that it
// came.
func (h *host) rejoin(ctx context.Context, p *module.Plan, a *answer, t attempt) error {
	node, known := a.node(h.node)
	switch {
	case a.down != nil:
		t.found += "; the cluster does not answer"
	case a.plane(h.node):
		t.found += "; the cluster has it for a control plane"
	}
	if known && node.Ready() {
		// kubeadm takes no second node of a name that is ready, and what it would do to
		// the kubelet is done.
		t.skip, t.found = "preflight,kubelet-start", t.found+"; its node is ready"
	}
	if err := h.voting(ctx, a, &t); err != nil {
		return err
	}
	p.Output["found"] = "half-done"
	return h.again(ctx, p, t)
}

// voting leaves out of a join what makes a member of etcd, if it has made one: kubeadm
// would try in vain to give it the vote that it has.
func (h *host) voting(ctx context.Context, a *answer, t *attempt) error {
	if a.down != nil || !h.stacked() || !h.has[manifestOf("etcd")] {
		return nil
	}
	votes, err := h.kubectlWith(h.args.Kubeconfig).Members(ctx, h.r, h.pki("etcd"))
	if err != nil {
		return fmt.Errorf("find out whether %s is a member of etcd: %w", h.node, err)
	}
	if !votes[h.node] {
		return nil
	}
	phases, err := h.etcdPhases(ctx)
	t.skip, t.found = strings.TrimPrefix(t.skip+","+phases, ","), t.found+"; it has a vote in etcd"
	return err
}

// etcdPhases are those of a join that make a member of etcd, as the host's kubeadm
// calls them.
func (h *host) etcdPhases(ctx context.Context) (string, error) {
	v, err := h.speaks(ctx)
	if err != nil {
		return "", err
	}
	const always = "control-plane-join/etcd"
	switch n := numbers(v); {
	case n == nil || n[1] >= 33:
		return "etcd-join," + always, nil
	case n[1] >= 31:
		return "control-plane-join-etcd," + always, nil
	}
	return always, nil
}

// again plans a join that begins where one has stopped.
func (h *host) again(ctx context.Context, p *module.Plan, t attempt) error {
	if err := h.mend(ctx, p); err != nil {
		return err
	}
	return h.join(ctx, p, t)
}

// join plans a join.
func (h *host) join(ctx context.Context, p *module.Plan, t attempt) error {
	a := h.args
	if err := h.allowed(); err != nil {
		return err
	}
	if err := h.valid(ctx, h.joining(a.standIn())); err != nil {
		return err
	}
	c := change.Change{Action: change.Create, Kind: "member", Target: h.node, After: t.told("kubeadm join")}
	c.After.Attrs = append(change.Attrs("role", a.Role, "cluster", a.Endpoint).Attrs, c.After.Attrs...)
	e := h.joins()
	p.Add(c, func(ctx context.Context, s system.System) error {
		if err := h.sameCA(ctx, s); err != nil {
			return err
		}
		cmd := h.command(t, "join")
		cmd.Feed = a.feed(h.joining)
		return h.refused(h.run(ctx, s, cmd, e))
	}).Certain = !h.unsure
	return nil
}

// refused is err with what it means for the task, where the words of kubeadm speak of
// something that the task gave.
func (h *host) refused(err error) error {
	if err == nil {
		return nil
	}
	for _, m := range []struct{ words, means string }{
		{"could not find a JWS signature", "the cluster at %s knows no such token, or it has expired (see token; kube_token makes one)"},
		{"none of the public keys", "the CA of the cluster at %s is not the one that is wanted (see ca_hash, and endpoint)"},
	} {
		if strings.Contains(err.Error(), m.words) {
			return fmt.Errorf(m.means+": %w", h.args.Endpoint, err)
		}
	}
	return err
}

// allowed is an error if a join would not know whom it joins.
func (h *host) allowed() error {
	discovery, _ := h.args.document("JoinConfiguration")["discovery"].(map[string]any)
	token, _ := discovery["bootstrapToken"].(map[string]any)
	hashes, _ := token["caCertHashes"].([]any)
	switch {
	case discovery["file"] != nil || h.vouched():
		return nil // the kubeconfig has the CA
	case token["unsafeSkipCAVerification"] == true:
		return errUnsafe
	case !h.args.CAHash.Given() && len(hashes) == 0:
		return errNoHash
	case h.args.Endpoint == "" && token["apiServerEndpoint"] == nil:
		return errNoAPI
	}
	return nil
}

// sameCA is an error if the host has the CA of another cluster than the one that it
// is to join. While the hash is not known there is nothing to compare.
func (h *host) sameCA(ctx context.Context, r system.Reader) error {
	want, err := h.args.CAHash.Value()
	if err != nil || want == "" || !h.has[h.pki("ca.crt")] {
		return nil //nolint:nilerr // a check knows it later
	}
	ca, ok, err := h.ca(ctx, r)
	if err != nil || !ok || ca.SPKI == want {
		if system.Absent(err) {
			err = nil // it was copied in this very check
		}
		return err
	}
	return fmt.Errorf("join %s: the host has the CA of another cluster: %s has the public key %s, and %s is wanted; if that cluster is no more, reset the host (state: reset)", h.node, h.pki("ca.crt"), brief(ca.SPKI), brief(want))
}

// brief is a digest that can be told from others: a whole one that is an argument of
// the type Late would be masked.
func brief(digest string) string { return digest[:min(len(digest), len("sha256:")+16)] + "..." }
