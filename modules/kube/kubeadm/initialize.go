package kubeadm

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
)

// leftovers are the checks that fail on a host because of what its own half-done init
// or join has made.
const leftovers = "DirAvailable--var-lib-etcd,FileAvailable--etc-kubernetes-manifests-etcd.yaml,FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml," +
	"FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml,FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml," +
	"FileAvailable--etc-kubernetes-bootstrap-kubelet.conf,FileAvailable--etc-kubernetes-kubelet.conf,FileAvailable--etc-kubernetes-pki-ca.crt," +
	"Port-6443,Port-10250,Port-10257,Port-10259,Port-2379,Port-2380"

// started are the phases of an init whose work shows in an API that answers.
const started = "preflight,certs,kubeconfig,etcd,control-plane,kubelet-start,wait-control-plane"

// initialized plans that the host is the first member of its cluster.
func (h *host) initialized(ctx context.Context, p *module.Plan) error {
	if err := h.elsewhere(); err != nil {
		return err
	}
	if h.bare() {
		p.Output["found"] = "bare"
		return h.begin(ctx, p, attempt{})
	}
	a, err := h.ask(ctx, h.args.Kubeconfig, h.marks()...)
	if err != nil {
		return err
	}
	if a.down != nil && h.complete() && h.rooted() {
		h.silent(p, h.args.Kubeconfig)
		return nil
	}
	if a.down != nil || !h.complete() {
		return h.resume(ctx, p, a, attempt{ignore: leftovers})
	}
	if lacks := h.unfinished(a); lacks != "" {
		return h.resume(ctx, p, a, attempt{ignore: leftovers, skip: started, lacks: lacks})
	}
	p.Output["found"] = "member"
	h.serve(p)
	return h.differences(ctx, p, a)
}

// elsewhere is an error if what is on the host is of another cluster than one that an
// init could make.
func (h *host) elsewhere() error {
	switch {
	case h.has[kubeletConf] && !h.has[adminConf]:
		return fmt.Errorf("make a cluster on %s: the host is a worker of a cluster already (%s is there, %s is not); reset it first (state: reset)", h.node, kubeletConf, adminConf)
	case h.stacked() && h.has[h.etcdData()] && !h.has[adminConf] && !h.has[manifestOf("etcd")]:
		return fmt.Errorf("make a cluster on %s: %s holds the data of an earlier cluster, and nothing else of it is there; move the data away", h.node, h.etcdDir())
	}
	return nil
}

// complete reports whether the host has all that an init makes on it.
func (h *host) complete() bool {
	_, missing := h.traces()
	return len(missing) == 0
}

// marks are the objects of a cluster that tell how far its init came.
func (h *host) marks() []string {
	return []string{"Node/" + h.node, "ConfigMap/kubeadm-config", "ConfigMap/kubelet-config", "ConfigMap/kube-proxy", "DaemonSet/kube-proxy", "Deployment/coredns"}
}

// unfinished is what a cluster lacks of an init that has come to its end, "" if
// nothing. A phase that is not to run leaves nothing.
func (h *host) unfinished(a *answer) string {
	of := map[string]string{"DaemonSet/kube-proxy": "kube-proxy", "ConfigMap/kube-proxy": "kube-proxy", "Deployment/coredns": "coredns"}
	for _, n := range h.marks() {
		addon := of[n]
		if addon != "" && (slices.Contains(h.args.SkipPhases, "addon/"+addon) || slices.Contains(h.args.SkipPhases, "addon")) {
			continue
		}
		if a.lacks(n) != "" {
			return n
		}
	}
	if !a.plane(h.node) && !slices.Contains(h.args.SkipPhases, "mark-control-plane") {
		return "the label " + marked
	}
	return ""
}

// attempt is how an init or a join that began before is taken up.
type attempt struct {
	ignore, skip string
	lacks        string
	found        string // what is on the host, for people
}

// resume plans the rest of an init.
func (h *host) resume(ctx context.Context, p *module.Plan, a *answer, t attempt) error {
	there, missing := h.traces()
	t.found = "an init that did not come to its end: " + tally(there, missing)
	switch {
	case t.lacks != "":
		t.found += "; the cluster answers and lacks " + t.lacks
	case a.down != nil:
		t.found += "; the cluster does not answer"
	}
	p.Output["found"] = "half-done"
	if err := h.mend(ctx, p); err != nil {
		return err
	}
	return h.begin(ctx, p, t)
}

func tally(there, missing []string) string {
	out := strings.Join(there, ", ") + " there"
	if len(missing) > 0 {
		out += ", " + strings.Join(missing, ", ") + " missing"
	}
	return out
}

// begin plans an init.
func (h *host) begin(ctx context.Context, p *module.Plan, t attempt) error {
	a := h.args
	if err := h.valid(ctx, a.initial(a.standIn())); err != nil {
		return err
	}
	if t.found == "" {
		if err := h.mend(ctx, p); err != nil {
			return err
		}
	}
	key := a.UploadCerts && !a.CertificateKey.Given()
	if key {
		p.Output["certificate_key"] = module.Pending{}
	}
	c := change.Change{Action: change.Create, Kind: "cluster", Target: h.node, After: t.told("kubeadm init")}
	c.After.WithText([]byte(document.Shown(a.initial(credentials{})...)), "")
	e := h.begins()
	p.Add(c, func(ctx context.Context, s system.System) error {
		made := ""
		cmd := h.command(t, "init", "--skip-token-print", "--skip-certificate-key-print")
		cmd.Feed = a.feed(func(c credentials) []document.Document {
			if key {
				made = newKey()
				c.key = made
			}
			return a.initial(c)
		})
		if a.UploadCerts {
			cmd.Argv = append(cmd.Argv, "--upload-certs")
		}
		if err := h.run(ctx, s, cmd, e); err != nil {
			return err
		}
		if key && made != "" {
			p.Output["certificate_key"] = module.NewSecret(made)
		}
		return nil
	}).Certain = !h.unsure
	return nil
}

// told is what a change says of an attempt.
func (t attempt) told(does string) *change.Value {
	if t.found == "" {
		return change.Attrs()
	}
	how := does + " again; its certificates, keys and kubeconfigs are used"
	if t.skip != "" {
		how = does + " without " + t.skip
	}
	return change.Attrs("found", t.found, "does", how)
}

// command is kubeadm's init or join, with its configuration on standard input.
func (h *host) command(t attempt, verb string, more ...string) system.Cmd {
	argv := append([]string{h.kubeadm, verb, "--config", "/dev/stdin"}, more...)
	if skip := joined(t.skip, h.args.SkipPhases); skip != "" {
		argv = append(argv, "--skip-phases", skip)
	}
	if ignore := joined(t.ignore, h.args.IgnorePreflightErrors); ignore != "" {
		argv = append(argv, "--ignore-preflight-errors", ignore)
	}
	return system.Cmd{Argv: argv}
}

func joined(first string, more []string) string {
	if first != "" {
		more = append([]string{first}, more...)
	}
	return strings.Join(more, ",")
}

// mend plans the removal of files that kubeadm was interrupted at and would stumble
// over: empty ones, and keys without their certificates, for the key is written
// first. Nothing has been made with them. A certificate without its key stays: its
// CA is elsewhere.
func (h *host) mend(_ context.Context, p *module.Plan) error {
	for _, f := range h.broken() {
		why, err := f.why(h.r)
		if err != nil {
			return err
		}
		if why == "" {
			continue
		}
		c := change.Change{Action: change.Delete, Kind: "file", Target: f.path, Before: change.Attrs("leftover", why)}
		p.Add(c, func(_ context.Context, s system.System) error { return s.Remove(f.path) })
		h.mended[f.path] = true
	}
	return nil
}

// fragile is a file that is of no use if it is empty, or without another.
type fragile struct{ path, with string }

// why is what is wrong with f, "" if nothing is.
func (f fragile) why(r system.Reader) (string, error) {
	in, err := r.Lstat(f.path)
	switch {
	case system.Absent(err):
		return "", nil
	case err != nil || in.Type != 0:
		return "", err
	case in.Size == 0:
		return "it is empty", nil
	case f.with == "":
		return "", nil
	}
	if _, err := r.Lstat(f.with); errors.Is(err, fs.ErrNotExist) {
		return f.with + " is missing", nil
	}
	return "", nil
}

func (h *host) broken() (out []fragile) {
	pairs := []string{"ca", "apiserver", "apiserver-kubelet-client", "front-proxy-ca", "front-proxy-client",
		"apiserver-etcd-client", "etcd/ca", "etcd/server", "etcd/peer", "etcd/healthcheck-client"}
	for _, n := range pairs {
		out = append(out, fragile{h.pki(n + ".key"), h.pki(n + ".crt")}, fragile{path: h.pki(n + ".crt")})
	}
	out = append(out, fragile{h.pki("sa.key"), h.pki("sa.pub")})
	for _, f := range []string{adminConf, superConf, kubeletConf, managerConf, schedulerConf} {
		out = append(out, fragile{path: f})
	}
	return out
}

// newKey is a key for uploaded certificates.
func newKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}
