package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system/ip"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// adjust makes the manifest this cluster's: the plugin's arguments are the task's, its
// images are of one version, and calico is told the range that it would ask kubeadm for.
func (n *network) adjust(want []ip.Prefix) error {
	for _, o := range n.objects {
		for _, c := range containers(o) {
			pin(c, n.args.ImageTag)
		}
	}
	if n.plugin == "calico" && n.args.SetPodCIDR {
		n.pool(want)
	}
	if len(n.args.Flags) == 0 {
		return nil
	}
	for _, o := range n.objects {
		if c, ok := n.main(o); ok {
			setFlags(c, n.args.Flags)
			return nil
		}
	}
	return fmt.Errorf("set flags of %s: no DaemonSet of the manifest has a container %s", n.plugin, n.plugin)
}

// main is the container of the plugin itself, if o runs it.
func (n *network) main(o object.Object) (object.Object, bool) {
	if o.ID().Kind != "DaemonSet" {
		return object.Object{}, false
	}
	for _, c := range o.List("spec", "template", "spec", "containers") {
		if name := c.Text("name"); name == n.plugin || name == n.plugin+"-node" {
			return c, true
		}
	}
	return object.Object{}, false
}

func containers(o object.Object) []object.Object {
	return append(o.List("spec", "template", "spec", "initContainers"), o.List("spec", "template", "spec", "containers")...)
}

// pin gives c's image the tag, if it has none: that would be another one tomorrow.
func pin(c object.Object, tag string) {
	image := c.Text("image")
	if tag == "" || image == "" || strings.ContainsAny(image[strings.LastIndex(image, "/")+1:], ":@") {
		return
	}
	c.Fields["image"] = image + ":" + tag
}

// pool writes the range into calico's environment, where its manifest has it as a
// comment.
func (n *network) pool(want []ip.Prefix) {
	const name = "CALICO_IPV4POOL_CIDR"
	for _, o := range n.objects {
		c, ok := n.main(o)
		if !ok || slices.ContainsFunc(c.List("env"), func(e object.Object) bool { return e.Text("name") == name }) {
			continue
		}
		for _, w := range want {
			if w.Addr.Is4() {
				env, _ := c.At("env").([]any)
				c.Fields["env"] = append(env, map[string]any{"name": name, "value": w.String()})
				break
			}
		}
	}
}

// setFlags replaces c's arguments of these names, and puts those that it has not after
// the others.
func setFlags(c object.Object, flags []string) {
	given, _ := c.At("args").([]any)
	args := slices.DeleteFunc(slices.Clone(given), func(a any) bool {
		text, _ := a.(string)
		return slices.ContainsFunc(flags, func(f string) bool { return flagName(f) == flagName(text) })
	})
	for _, f := range flags {
		args = append(args, f)
	}
	c.Fields["args"] = args
}

func flagName(arg string) string {
	name, _, _ := strings.Cut(arg, "=")
	return name
}
