package kubeadm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/ip"
	"github.com/gokube/gokube/modules/kube/kubeadm/document"
	"github.com/gokube/gokube/modules/kube/program"
)

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
	for _, c := range []struct{ section, pod string }{{"apiServer", "apiserver"}, {"controllerManager", "controller-manager"}, {"scheduler", "scheduler"}} {
		text, err := system.ReadFile(h.r, manifest("kube-"+c.pod))
		if err != nil {
			return err
		}
		if lacks(string(text), document.Map(want, c.section)["extraArgs"]) || c.pod == "apiserver" && astray(string(text), endpoints(want)) {
			h.phase(p, "control-plane "+c.pod)
		}
	}
	return h.kubeletFollows(ctx, p, h.args.document("KubeletConfiguration"))
}

// astray reports whether an API server's manifest has other endpoints of etcd than
// those that are wanted, if any are.
func astray(manifest string, want []string) bool {
	if len(want) == 0 {
		return false
	}
	for line := range strings.Lines(manifest) {
		list, ok := strings.CutPrefix(strings.Trim(line, " -'\n"), "etcd-servers=")
		if ok {
			have := strings.Split(list, ",")
			slices.Sort(have)
			return !slices.Equal(slices.Compact(have), want)
		}
	}
	return true
}

// lacks reports whether a static pod's manifest lacks one of the arguments that are
// wanted: a list of names and values, or in older versions of the API a map.
func lacks(manifest string, args any) bool {
	flag := func(name, value any) bool {
		line := fmt.Sprintf("- --%v=%v\n", name, value)
		return !strings.Contains(strings.ReplaceAll(manifest+"\n", "'", ""), line)
	}
	switch args := args.(type) {
	case []any:
		for _, a := range args {
			if m, ok := a.(map[string]any); ok && flag(m["name"], m["value"]) {
				return true
			}
		}
	case map[string]any:
		for name, value := range args {
			if flag(name, value) {
				return true
			}
		}
	}
	return false
}
