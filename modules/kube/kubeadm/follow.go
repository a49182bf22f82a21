package kubeadm

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/kubeadm/manifest"
	"github.com/gokube/gokube/modules/kube/program"
)

// follows plans that a control plane that has joined runs with what the task says of
// all of them: an init changes only its own host.
func (h *host) follows(ctx context.Context, p *module.Plan) error {
	want := h.args.document("ClusterConfiguration")
	if want == nil {
		return nil
	}
	if err := h.names(ctx, p, want); err != nil {
		return err
	}
	if err := h.stale(ctx, p, want, nil); err != nil {
		return err
	}
	return h.kubeletFollows(ctx, p, h.args.document("KubeletConfiguration"))
}

// stale plans that the static pods of a control plane run with the arguments that a
// ClusterConfiguration gives them: those of its extraArgs, and no other than kubeadm's
// own beside them. What is due anyhow is left out.
func (h *host) stale(ctx context.Context, p *module.Plan, want document.Document, due []string) error {
	pods, err := h.staticPods(ctx)
	if err != nil {
		return err
	}
	for i, section := range []string{"apiServer", "controllerManager", "scheduler"} {
		pod := pods[i]
		found := pod.Differs(document.Map(want, section)["extraArgs"])
		if found == "" && i == 0 && astray(pod.Args, endpoints(want)) {
			found = "other endpoints of etcd"
		}
		if name := "control-plane " + strings.TrimPrefix(pod.Name, "kube-"); found != "" && !slices.Contains(due, name) {
			h.phase(p, name, found)
		}
	}
	return nil
}

// staticPods are those of components, as their manifests have them.
func (h *host) staticPods(ctx context.Context) ([]manifest.Pod, error) {
	var all, versions []string
	for _, c := range components {
		text, err := system.ReadFile(h.r, manifestOf(c))
		if err != nil {
			return nil, err
		}
		all, versions = append(all, string(text)), append(versions, imageVersion(string(text)))
	}
	docs, err := program.Documents(ctx, h.r, strings.Join(all, "\n---\n"))
	if err == nil && len(docs) != len(all) {
		err = fmt.Errorf("read the manifests of %s: %d objects in %d files", strings.Join(components, ", "), len(docs), len(all))
	}
	if err != nil {
		return nil, err
	}
	var out []manifest.Pod
	for i, c := range components {
		pod := manifest.Read(c, docs[i])
		if n := numbers(versions[i]); n != nil {
			pod.Judged = n[1] >= 31 && n[1] <= 35
		}
		if pod.Patches, err = h.patches(c); err != nil {
			return nil, err
		}
		out = append(out, pod)
	}
	return out, nil
}

// patchesDir is where the task has patches of what kubeadm writes, "" if nowhere.
func (h *host) patchesDir() string {
	for _, kind := range []string{"InitConfiguration", "JoinConfiguration"} {
		if dir, ok := document.At(h.args.document(kind), "patches.directory").(string); ok && dir != "" {
			return dir
		}
	}
	return ""
}

// patches is the text of all patches of a static pod.
func (h *host) patches(pod string) (string, error) {
	dir := h.patchesDir()
	if dir == "" {
		return "", nil
	}
	all, err := h.r.ReadDir(dir)
	if err != nil {
		if system.Absent(err) {
			err = nil
		}
		return "", err
	}
	var out strings.Builder
	for _, in := range all {
		if !strings.HasPrefix(path.Base(in.Path), pod) || in.Type != 0 {
			continue
		}
		text, err := system.ReadFile(h.r, path.Join(dir, path.Base(in.Path)))
		if err != nil {
			return "", err
		}
		out.Write(text)
	}
	return out.String(), nil
}

// astray reports whether an API server has other endpoints of etcd than those that are
// wanted, if any are.
func astray(args, want []string) bool {
	if len(want) == 0 {
		return false
	}
	for _, a := range args {
		if list, ok := strings.CutPrefix(a, "--etcd-servers="); ok {
			have := strings.Split(list, ",")
			slices.Sort(have)
			return !slices.Equal(slices.Compact(have), want)
		}
	}
	return true
}

// kubeletFollows plans that the host's kubelet runs with what is wanted of all of them.
// What the host has of its own, in the folder of settings, comes last and stays.
func (h *host) kubeletFollows(ctx context.Context, p *module.Plan, want document.Document) error {
	if want == nil {
		return nil
	}
	docs, err := h.kubeletSettings(ctx)
	if err != nil || len(docs) == 0 {
		return err
	}
	next := document.Over(docs[0], want)
	if is, will := laid(docs[0], docs[1:]), laid(next, docs[1:]); document.Same(is, will) {
		return nil
	}
	c := change.Change{Action: change.Update, Kind: "file", Target: kubeletConfig, Before: change.Attrs(), After: change.Attrs()}
	c.Before.WithText([]byte(document.Shown(docs[0])), "")
	c.After.WithText([]byte(document.Shown(next)), "")
	cmd := system.Command(h.kubeadm, "upgrade", "node", "phase", "kubelet-config")
	if dir := h.patchesDir(); dir != "" {
		cmd.Argv = append(cmd.Argv, "--patches", dir)
	}
	p.Add(c, func(ctx context.Context, s system.System) error {
		e := &effects{h: h}
		e.vague(system.Path(etc + "/tmp/"))
		e.again(0o644, kubeletConfig)
		return h.run(ctx, s, cmd, system.Closed(e.set...))
	})
	h.restart(p, "its configuration is another")
	return nil
}

// kubeletSettings are the kubelet's configuration as kubeadm wrote it, and what the
// host lays over it, in that order; none if there is no configuration.
func (h *host) kubeletSettings(ctx context.Context) ([]document.Document, error) {
	text, err := system.ReadFile(h.r, kubeletConfig)
	if err != nil {
		if system.Absent(err) {
			err = nil
		}
		return nil, err
	}
	own, err := h.r.ReadDir(kubeletOwn)
	if err != nil && !system.Absent(err) {
		return nil, err
	}
	all := []string{string(text)}
	for _, in := range own {
		if path.Ext(in.Path) != ".conf" || in.Type != 0 {
			continue
		}
		if text, err = system.ReadFile(h.r, path.Join(kubeletOwn, path.Base(in.Path))); err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return program.Documents(ctx, h.r, strings.Join(all, "\n---\n"))
}

// laid is what comes of d with others laid over it.
func laid(d document.Document, others []document.Document) document.Document {
	for _, o := range others {
		d = document.Over(d, o)
	}
	return d
}

// kubeletsOfAll is how the cluster's kubelets are to run, as the task says it, or else
// the cluster.
func (h *host) kubeletsOfAll(ctx context.Context, a *answer) (document.Document, error) {
	if want := h.args.document("KubeletConfiguration"); want != nil {
		return want, nil
	}
	docs, err := program.Documents(ctx, h.r, a.is["ConfigMap/kubelet-config"].Data["kubelet"])
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

// restart plans that the kubelet begins anew.
func (h *host) restart(p *module.Plan, found string) {
	c := change.Change{Action: change.Run, Kind: "unit", Target: "kubelet.service", After: change.Attrs("state", "restarted", "found", found)}
	p.Add(c, func(ctx context.Context, s system.System) error {
		e := &effects{h: h}
		e.kubelet(true)
		return s.Run(ctx, system.Command("systemctl", "restart", "kubelet.service"), system.Closed(e.set...))
	})
}

// rolled plans a change of the API server's manifest, and that the kubelet, which starts
// another for it, is waited for: what comes next asks the API, and the next control
// plane's must not be away at the same time.
func (h *host) rolled(p *module.Plan, c change.Change, do func(context.Context, system.System) error) {
	const pod = "kube-apiserver"
	begun := time.Time{}
	p.Add(c, func(ctx context.Context, s system.System) error {
		before, err := system.ReadFile(s, manifestOf(pod))
		if err != nil && !system.Absent(err) && !program.Unknown(err) {
			return err
		}
		now := time.Now()
		if err := do(ctx, s); err != nil {
			return err
		}
		if after, err := system.ReadFile(s, manifestOf(pod)); err != nil || !bytes.Equal(before, after) {
			begun = now
		}
		return nil
	})
	p.Add(change.Change{Action: change.Wait, Kind: "static pod", Target: pod}, func(ctx context.Context, s system.System) error {
		return h.until(ctx, s, pod, begun)
	})
}

// until waits until pod runs since a time, and is ready.
func (h *host) until(ctx context.Context, s system.System, pod string, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name := pod + "-" + h.node
	for {
		is, err := h.kubectlWith(h.args.Kubeconfig).Get(ctx, s, "kube-system", "Pod/"+name)
		// The API tells seconds.
		if o, ok := is["Pod/"+name]; err == nil && ok && o.Ready() && !o.Started(pod).Before(since.Truncate(time.Second)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready %s after it was to start again", name, patience)
		case <-time.After(interval):
		}
	}
}
