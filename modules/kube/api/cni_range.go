package api

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system/ip"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// pool is a range of addresses that a manifest names.
type pool struct {
	value string
	where string
	exact bool // it must be the cluster's, and not only lie in it
	put   func(value string)
}

// ranges compares the manifest's ranges of addresses with those of the cluster, and
// puts these in if it is to.
func (n *network) ranges() error {
	want, from, err := n.wanted()
	if err != nil {
		return err
	}
	if err := n.adjust(want); err != nil || len(want) == 0 {
		return err
	}
	for _, p := range pools(n.objects) {
		is, err := ip.ParsePrefix(p.value)
		if err != nil {
			return fmt.Errorf("read %s: %q is no range of addresses", p.where, p.value)
		}
		right, fits := p.fits(is, want)
		switch {
		case fits:
		case n.args.SetPodCIDR:
			p.put(right.String())
		default:
			return fmt.Errorf("%s is %s in the manifest, but the pods' range is %s (%s): set set_pod_cidr: true to have it written into the manifest, or correct the manifest", p.where, is, right, from)
		}
	}
	return nil
}

// fits reports whether the pool, which is the range is, agrees with the one of want
// that is right for it: there may be none of its family.
func (p pool) fits(is ip.Prefix, want []ip.Prefix) (right ip.Prefix, fits bool) {
	fits = true
	for _, w := range want {
		if w.Addr.Is4() == is.Addr.Is4() {
			right, fits = w, is.Masked() == w || !p.exact && w.Contains(is.Addr) && is.Bits >= w.Bits
		}
	}
	return right, fits
}

// wanted are the ranges of the cluster, and where they are from.
func (n *network) wanted() (out []ip.Prefix, from string, err error) {
	given, err := prefixes("pod_cidr", n.args.PodCIDR)
	if err != nil {
		return nil, "", err
	}
	o, ok := object.Find(n.live, settings())
	if !ok {
		return given, "pod_cidr", nil
	}
	const where = "ConfigMap kube-system/kubeadm-config"
	made, err := prefixes("podSubnet of "+where, podSubnet(o.Text("data", "ClusterConfiguration")))
	if err != nil || len(made) == 0 {
		return given, "pod_cidr", err
	}
	if len(given) > 0 && fmt.Sprint(given) != fmt.Sprint(made) {
		return nil, "", fmt.Errorf("pod_cidr is %s, but the cluster was made with %s (%s): its nodes have their ranges from there, so set pod_cidr to that", list(given), list(made), where)
	}
	return made, where, nil
}

func prefixes(what, text string) (out []ip.Prefix, err error) {
	for s := range strings.SplitSeq(text, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		p, err := ip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no range of addresses, such as 10.233.64.0/18", what, s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func list(ps []ip.Prefix) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(ps), "[]"), " ", ",")
}

// podSubnet finds the one line that matters in a ClusterConfiguration, which kubeadm
// writes with each value on a line of its own.
func podSubnet(text string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "podSubnet:"); ok {
			return strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return ""
}

// pools are the ranges that objects name.
func pools(objects []object.Object) (out []pool) {
	for _, o := range objects {
		id := o.ID()
		data, _ := o.At("data").(map[string]any)
		switch id.Kind {
		case "ConfigMap":
			out = append(out, flannelPools(id, data)...)
			out = append(out, ciliumPools(id, data)...)
		case "DaemonSet":
			out = append(out, envPools(o)...)
		case "IPPool":
			spec, _ := o.At("spec").(map[string]any)
			out = append(out, textPool(spec, "cidr", id.String()+", cidr")...)
		case "Installation":
			for _, p := range o.List("spec", "calicoNetwork", "ipPools") {
				out = append(out, textPool(p.Fields, "cidr", id.String()+", ipPools")...)
			}
		}
	}
	return out
}

// textPool is the range that is m's value of key, if it is one.
func textPool(m map[string]any, key, where string) []pool {
	s, _ := m[key].(string)
	if s == "" {
		return nil
	}
	return []pool{{value: s, where: where, put: func(v string) { m[key] = v }}}
}

func flannelPools(id object.ID, data map[string]any) (out []pool) {
	text, _ := data["net-conf.json"].(string)
	var conf struct {
		Network     string `json:"Network"`
		IPv6Network string `json:"IPv6Network"`
	}
	if text == "" || json.Unmarshal([]byte(text), &conf) != nil {
		return nil
	}
	for name, v := range map[string]string{"Network": conf.Network, "IPv6Network": conf.IPv6Network} {
		if v != "" {
			out = append(out, pool{value: v, where: "flannel's " + name + " (" + id.String() + ", net-conf.json)", exact: true, put: func(is string) {
				now, _ := data["net-conf.json"].(string)
				data["net-conf.json"] = strings.Replace(now, `"`+v+`"`, `"`+is+`"`, 1)
			}})
		}
	}
	return out
}

func ciliumPools(id object.ID, data map[string]any) (out []pool) {
	if id.Name != "cilium-config" || data["ipam"] != "cluster-pool" {
		return nil
	}
	for _, k := range []string{"cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"} {
		out = append(out, textPool(data, k, id.String()+", "+k)...)
	}
	return out
}

// envPools are the ranges in the environment of o's containers.
func envPools(o object.Object) (out []pool) {
	for _, c := range o.List("spec", "template", "spec", "containers") {
		for _, e := range c.List("env") {
			switch name := e.Text("name"); name {
			case "CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR", "IPALLOC_RANGE":
				out = append(out, textPool(e.Fields, "value", name+" ("+o.ID().String()+")")...)
			}
		}
	}
	return out
}
