// Package runtime is what containers run with: the images that containerd keeps for
// Kubernetes. It speaks to containerd with its own ctr, and does not know what images
// are for.
//
// # Decisions
//
// ctr comes with every containerd and crictl does not, and only ctr takes images from
// files. Mirrors and credentials are containerd's own configuration (hosts.toml below
// certs.d), so that the kubelet and this module pull from the same places.
package runtime

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/program"
)

// Args are the arguments of the container_image module.
type Args struct {
	// Name is the images, each a name with a tag, a digest or both. What a short name
	// leaves out is docker.io/library and latest.
	Name []string `arg:"name,required,alias=image" target:"image"`
	// State is whether containerd has them.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// Src is a file of the host to take them from (docker save, OCI layout; also
	// compressed) instead of pulling them.
	Src string `arg:"src"`
	// HostsDir is where containerd's configuration of registries and their mirrors is.
	HostsDir string `arg:"hosts_dir" default:"/etc/containerd/certs.d"`
	// Namespace is containerd's; Kubernetes has its own.
	Namespace string `arg:"namespace" default:"k8s.io"`
	// Platform is what to pull, such as linux/arm64, if not the host's.
	Platform string `arg:"platform"`
	// Address is containerd's socket.
	Address string `arg:"address" default:"/run/containerd/containerd.sock"`
}

// ContainerImage has containerd keep images, or not.
var ContainerImage = module.Define(module.Spec{
	Name:    "container_image",
	Summary: "Have containerd keep images for Kubernetes: pull them, take them from a file, remove them",
	Example: `- name: pull what a control plane runs
  container_image:
    name:
      - registry.k8s.io/kube-apiserver:v1.34.4
      - registry.k8s.io/pause@sha256:278fb9dbcca9518083ad1e11276933a2e96f23de604a3a08cc3c80002767d24c
- name: take images from a file
  container_image:
    name: [registry.k8s.io/pause:3.10.1, docker.io/library/nginx:1.29]
    src: /var/cache/images.tar
- container_image: {name: nginx, state: absent}
`,
	Output: []module.Doc{{Name: "images", Text: "the images by their full names"}},
}, plan)

func plan(ctx context.Context, r system.Reader, a *Args) (*module.Plan, error) {
	k := &keeper{args: a, r: r, plan: &module.Plan{}}
	var names []any
	for _, n := range a.Name {
		full, err := Normal(n)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(k.names, full) {
			k.names, names = append(k.names, full), append(names, full)
		}
	}
	k.plan.Output = map[string]any{"images": names}
	var err error
	k.ctr, err = program.Find(ctx, r, "ctr")
	if program.Unknown(err) {
		k.ctr, err = "ctr", nil
	}
	if err != nil {
		return nil, fmt.Errorf("keep images: %w; containerd brings it", err)
	}
	if err := k.look(ctx); err != nil {
		return nil, err
	}
	if a.State == "absent" {
		k.remove()
	} else {
		k.fetch()
	}
	return k.plan, nil
}

// keeper is a containerd.
type keeper struct {
	args  *Args
	r     system.Reader
	plan  *module.Plan
	ctr   string
	names []string
	has   []Image
	vague bool // nobody knows what it has
	empty bool // it has nothing, though nobody can ask it yet
}

func (k *keeper) command(words ...string) system.Cmd {
	return system.Command(append([]string{k.ctr, "-a", k.args.Address, "-n", k.args.Namespace, "images"}, words...)...)
}

// key names an image in what a task reads and changes.
func key(name string) system.Key { return system.Key{Kind: "image", Name: name} }

// store is there as soon as containerd has been started once.
const store = "/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db"

// look asks what is there, all at once.
func (k *keeper) look(ctx context.Context) error {
	c := k.command("ls")
	c.Reads = []system.Key{system.Path(k.ctr), {Kind: "unit", Name: "containerd.service"}}
	for _, n := range k.names {
		c.Reads = append(c.Reads, key(n))
	}
	text, err := program.Text(ctx, k.r, c)
	if program.Unknown(err) {
		there, err := system.Exists(ctx, k.r, store)
		k.vague, k.empty = true, !there && err == nil
		for _, n := range k.names {
			if _, err := k.r.Object(ctx, key(n)); program.Unknown(err) {
				k.empty = false // an earlier task has to do with it
			}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("list images: %w", err)
	}
	k.has, err = parse(text)
	return err
}

// there is what containerd has by a name.
func (k *keeper) there(name string) (i Image, ok bool) {
	ref, digest, pinned := strings.Cut(name, "@")
	for _, i := range k.has {
		if i.Ref == name || pinned && i.Digest == digest && (i.Ref == ref || repository(i.Ref) == repository(ref)) {
			return i, true
		}
	}
	return i, false
}

// fetch plans what brings the images that are not there, one step for each, or one
// for a file.
func (k *keeper) fetch() {
	var missing []string
	for _, n := range k.names {
		if _, ok := k.there(n); !ok {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 && k.args.Src != "" {
		k.take(missing)
		return
	}
	for _, n := range missing {
		c := change.Change{Action: change.Create, Kind: "image", Target: n, After: change.Attrs("from", registry(n))}
		words := []string{"pull", "--hosts-dir", k.args.HostsDir}
		if k.args.Platform != "" {
			words = append(words, "--platform", k.args.Platform)
		}
		cmd := k.command(append(words, n)...)
		e := system.Closed(system.Vague(key(n)))
		k.plan.Add(c, func(ctx context.Context, s system.System) error { return s.Run(ctx, cmd, e) }).Certain = k.empty
	}
}

// take plans that images are read from the file, and that these are among them.
func (k *keeper) take(missing []string) {
	c := change.Change{Action: change.Create, Kind: "image", Target: strings.Join(k.names, ", "), After: change.Attrs("from", k.args.Src)}
	cmd := k.command("import", k.args.Src)
	var set []system.Effect
	for _, n := range k.names {
		set = append(set, system.Vague(key(n)))
	}
	k.plan.Add(c, func(ctx context.Context, s system.System) error {
		if err := s.Run(ctx, cmd, system.Closed(set...)); err != nil {
			return err
		}
		after := &keeper{args: k.args, r: s, ctr: k.ctr, names: k.names}
		if err := after.look(ctx); err != nil || after.vague {
			return err
		}
		for _, n := range missing {
			if _, ok := after.there(n); !ok {
				return fmt.Errorf("%s does not hold %s; what it holds is there now: %s", k.args.Src, n, strings.Join(after.news(k.has), ", "))
			}
		}
		return nil
	}).Certain = k.empty
}

// news are the names of what is there and was not before.
func (k *keeper) news(before []Image) (out []string) {
	for _, i := range k.has {
		if !slices.ContainsFunc(before, func(b Image) bool { return b.Ref == i.Ref }) {
			out = append(out, i.Ref)
		}
	}
	return out
}

// remove plans the removal of the images that are there, with the names that nothing
// but them has: their digest and their id.
func (k *keeper) remove() {
	for _, n := range k.names {
		i, ok := k.there(n)
		if !ok && !k.vague || k.empty {
			continue
		}
		refs := []string{n}
		if ok {
			refs = k.aliases(i)
		}
		c := change.Change{Action: change.Delete, Kind: "image", Target: n, Before: change.Attrs("digest", i.Digest)}
		cmd := k.command(append([]string{"rm"}, refs...)...)
		e := system.Closed(system.Vague(key(n)))
		k.plan.Add(c, func(ctx context.Context, s system.System) error { return s.Run(ctx, cmd, e) })
	}
}

// aliases are the names that go with an image: its own, and if no other tag has its
// digest, what names it by that.
func (k *keeper) aliases(i Image) []string {
	refs := []string{i.Ref}
	for _, o := range k.has {
		switch {
		case o.Ref == i.Ref || o.Digest != i.Digest:
		case strings.Contains(o.Ref, "@") || strings.HasPrefix(o.Ref, "sha256:"):
			refs = append(refs, o.Ref)
		case !slices.Contains(k.names, o.Ref):
			return []string{i.Ref}
		}
	}
	return refs
}
