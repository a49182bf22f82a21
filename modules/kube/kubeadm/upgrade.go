package kubeadm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/program"
)

var errNoVersion = errors.New("upgrade a cluster: version is missing")

// upgraded plans that a member runs a version of Kubernetes. The kubelet itself is
// for another task: it is replaced after this one.
func (h *host) upgraded(ctx context.Context, p *module.Plan) error {
	to := version(h.args.Version)
	switch {
	case h.args.Version == "":
		return errNoVersion
	case !h.has[kubeletConf]:
		return fmt.Errorf("upgrade %s: the host is no member of a cluster", h.node)
	}
	switch is, err := h.speaks(ctx); {
	case err != nil:
		return err
	case is != "" && is != to:
		return fmt.Errorf("upgrade %s to %s: the host's kubeadm is %s; install that of the version first", h.node, to, is)
	}
	config := h.args.Kubeconfig
	if !h.has[adminConf] {
		config = kubeletConf
	}
	names := []string{"Node/" + h.node, "ConfigMap/kubeadm-config"}
	if h.has[adminConf] {
		names = append(names, "DaemonSet/kube-proxy")
	}
	a, err := h.ask(ctx, config, names...)
	if err != nil {
		return err
	}
	from := written(a.is["ConfigMap/kubeadm-config"].Data["ClusterConfiguration"], "kubernetesVersion")
	if a.down != nil || from == "" {
		return fmt.Errorf("upgrade %s: ask the cluster for its version: %w", h.node, errors.Join(a.down))
	}
	p.Output["found"] = "member"
	if h.has[adminConf] {
		return h.upgradedPlane(p, a, from, to)
	}
	node, _ := a.node(h.node)
	return h.upgradedWorker(p, node.Status.NodeInfo.KubeletVersion, from, to)
}

// speaks is the version of the host's kubeadm, "" if an earlier task of a check brings
// it.
func (h *host) speaks(ctx context.Context) (string, error) {
	c := system.Cmd{Argv: []string{h.kubeadm, "version", "-o", "short"}, Reads: []system.Key{system.Path(h.kubeadm)}}
	is, err := program.Text(ctx, h.r, c)
	if system.Absent(err) {
		return "", nil
	}
	return is, err
}

// written is what the line of a ClusterConfiguration says that begins with a word, ""
// if there is none.
func written(config, word string) string {
	for line := range strings.Lines(config) {
		if v, ok := strings.CutPrefix(line, word+":"); ok {
			return strings.Trim(v, " \"\r\n")
		}
	}
	return ""
}

// imageVersion is the tag of the image that a static pod's manifest names first, ""
// if there is none.
func imageVersion(manifest string) string {
	for line := range strings.Lines(manifest) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "- ")
		image, ok := strings.CutPrefix(line, "image:")
		image, _, _ = strings.Cut(strings.Trim(image, " '\""), "@")
		if at := strings.LastIndex(image, ":v"); ok && at > 0 {
			return image[at+1:]
		}
	}
	return ""
}

// upgradedPlane plans the upgrade of a control plane: the first of its cluster takes
// the cluster with it, the others follow.
func (h *host) upgradedPlane(p *module.Plan, a *answer, from, to string) error {
	if err := step(from, to); err != nil {
		return fmt.Errorf("upgrade %s: %w", h.node, err)
	}
	text, err := system.ReadFile(h.r, manifestOf("kube-apiserver"))
	if err != nil && !system.Absent(err) {
		return err
	}
	runs := imageVersion(string(text))
	proxy, ok := a.is["DaemonSet/kube-proxy"]
	behind := ok && !strings.HasSuffix(proxy.Image(), ":"+to)
	switch {
	case from != to || runs == to && behind:
		h.upgrade(p, from, to, "apply", to, "--yes")
	case runs != to:
		h.upgrade(p, runs, to, "node")
	}
	return nil
}

// upgradedWorker plans that a worker takes the cluster's new configuration, as long as
// its kubelet is not of the new version.
func (h *host) upgradedWorker(p *module.Plan, runs, from, to string) error {
	if from != to {
		return fmt.Errorf("upgrade %s to %s: the cluster is %s; its control planes come first", h.node, to, from)
	}
	if runs != "" && runs != to {
		h.upgrade(p, runs, to, "node")
	}
	return nil
}

// upgrade plans one call of kubeadm upgrade.
func (h *host) upgrade(p *module.Plan, from, to string, words ...string) {
	argv := append([]string{h.kubeadm, "upgrade"}, words...)
	if ignore := joined("", h.args.IgnorePreflightErrors); ignore != "" {
		argv = append(argv, "--ignore-preflight-errors", ignore)
	}
	cmd, patches := system.Cmd{Argv: argv}, h.patchesDir()
	switch d, _ := document.Clone(h.args.document("UpgradeConfiguration")).(document.Document); {
	case len(d) > 0:
		if patches != "" { // kubeadm takes no option for them beside a configuration
			document.Fill(document.Make(document.Make(d, words[0]), "patches"), "directory", patches)
		}
		cmd.Argv = append(cmd.Argv, "--config", "/dev/stdin")
		cmd.Feed = func() ([]byte, error) { return document.Stream([]document.Document{d}) }
	case patches != "":
		cmd.Argv = append(cmd.Argv, "--patches", patches)
	}
	e := &effects{h: h}
	e.vague(system.Path(kubeletDir+"/"), system.Path(etc+"/tmp/"), system.Key{Kind: "cluster", Name: "node/" + h.node},
		program.Key("kube-system", "ConfigMap/kubeadm-config"), program.Key("kube-system", "DaemonSet/kube-proxy"))
	e.again(0o644, kubeletConfig)
	if h.has[adminConf] {
		e.renewed()
		for _, c := range components {
			e.again(0o600, manifestOf(c))
		}
		if h.stacked() {
			e.again(0o600, manifestOf("etcd"))
		}
	}
	c := change.Change{Action: change.Update, Kind: "member", Target: h.node, Before: change.Attrs("version", from), After: change.Attrs("version", to, "by", "kubeadm upgrade "+words[0])}
	p.Add(c, func(ctx context.Context, s system.System) error { return h.run(ctx, s, cmd, system.Closed(e.set...)) })
}

// renewed are the certificates and kubeconfigs that kubeadm issues anew.
func (e *effects) renewed() {
	for _, n := range []string{"apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client", "etcd/server", "etcd/peer", "etcd/healthcheck-client"} {
		if there, _ := e.has(e.h.pki(n + ".crt")); there {
			e.again(0o644, e.h.pki(n+".crt"))
			e.again(0o600, e.h.pki(n+".key"))
		}
	}
	for _, f := range []string{adminConf, superConf, managerConf, schedulerConf} {
		if there, _ := e.has(f); there {
			e.again(0o600, f)
		}
	}
}

// step is an error if Kubernetes cannot go from one version to another at once.
func step(from, to string) error {
	f, t := numbers(from), numbers(to)
	switch {
	case f == nil || t == nil:
		return fmt.Errorf("%q or %q is no version", from, to)
	case t[0] != f[0] || t[1] > f[1]+1:
		return fmt.Errorf("the cluster is %s and cannot become %s at once: go through each minor version, v%d.%d next", from, to, f[0], f[1]+1)
	case t[1] < f[1] || t[1] == f[1] && t[2] < f[2]:
		return fmt.Errorf("the cluster is %s and cannot go back to %s", from, to)
	}
	return nil
}

// numbers are the major, minor and patch version, nil if v is none.
func numbers(v string) []int {
	v, _, _ = strings.Cut(strings.TrimPrefix(v, "v"), "-")
	parts := strings.Split(v, ".")
	if len(parts) != 3 {
		return nil
	}
	var out []int
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}
