package nodes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// drain plans the eviction of the node's pods, if there are any to evict.
func (n *node) drain(ctx context.Context, r system.Reader, p *module.Plan) error {
	if !n.there || n.state == client.Fresh {
		return nil
	}
	var all []object.Object
	if n.state == client.Live {
		var err error
		all, err = n.pods(ctx, r)
		pods := leaving(all)
		if _, unsure := unknown.Of(err); unsure {
			n.state = client.Unsure
		} else if err != nil {
			return err
		}
		p.Output = map[string]any{"pods": targets(pods)}
		if err == nil && len(pods) == 0 {
			return nil
		}
	}
	p.Add(change.Change{Action: change.Run, Kind: "drain", Target: n.id.Name}, func(ctx context.Context, s system.System) error {
		return n.evict(ctx, s, all)
	}).Certain = n.state == client.Live
	return nil
}

// pods are those on the node that a drain may be about.
func (n *node) pods(ctx context.Context, r system.Reader) ([]object.Object, error) {
	args := []string{"pods", "-A", "--field-selector", "spec.nodeName=" + n.id.Name}
	if n.args.PodSelector != "" {
		args = append(args, "-l", n.args.PodSelector)
	}
	return n.c.Listed(ctx, r, []system.Key{n.key()}, args...)
}

// leaving are those of pods that a drain must evict: not those that a DaemonSet or
// the node itself would start again, and not those that have ended, which it only
// tidies away.
func leaving(pods []object.Object) []object.Object {
	return slices.DeleteFunc(slices.Clone(pods), func(o object.Object) bool { return !leaves(o) })
}

func leaves(pod object.Object) bool {
	if _, mirror := pod.At("metadata", "annotations", "kubernetes.io/config.mirror").(string); mirror {
		return false
	}
	if phase := pod.Text("status", "phase"); phase == "Succeeded" || phase == "Failed" {
		return false
	}
	return !slices.ContainsFunc(pod.List("metadata", "ownerReferences"), func(o object.Object) bool {
		return o.At("controller") == true && o.Text("kind") == "DaemonSet"
	})
}

func targets(objects []object.Object) []any {
	out := []any{}
	for _, o := range objects {
		out = append(out, o.ID().Target())
	}
	return out
}

// evict drains the node. If that fails, the pods that are still there and the
// budgets that hold them are named.
func (n *node) evict(ctx context.Context, s system.System, pods []object.Object) error {
	a := n.args
	args := []string{"drain", n.id.Name, fmt.Sprintf("--ignore-daemonsets=%t", a.IgnoreDaemonsets), fmt.Sprintf("--delete-emptydir-data=%t", a.DeleteEmptydirData),
		fmt.Sprintf("--force=%t", a.Force), fmt.Sprintf("--disable-eviction=%t", a.DisableEviction), fmt.Sprintf("--grace-period=%d", a.GracePeriod), fmt.Sprintf("--timeout=%ds", a.Timeout)}
	if a.PodSelector != "" {
		args = append(args, "--pod-selector", a.PodSelector)
	}
	err := n.run(ctx, s, pods, nil, args...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return n.explained(ctx, s, err)
}

// explained is err with what is known of the pods that stayed.
func (n *node) explained(ctx context.Context, r system.Reader, err error) error {
	if refused, ok := client.Brief(err, "cannot delete "); ok {
		return refused
	}
	pods, lerr := n.pods(ctx, r)
	if pods = leaving(pods); lerr != nil || len(pods) == 0 {
		return err
	}
	budgets, _ := n.c.Listed(ctx, r, nil, "poddisruptionbudgets", "-A")
	var out []string
	for _, pod := range pods {
		if b, ok := held(pod, budgets); ok {
			out = append(out, fmt.Sprintf("pod %s is held by disruption budget %s, which allows %d disruptions now (%d healthy pods, %d wanted)", pod.ID().Target(), b.ID().Name,
				b.Int(0, "status", "disruptionsAllowed"), b.Int(0, "status", "currentHealthy"), b.Int(0, "status", "desiredHealthy")))
		} else {
			out = append(out, "pod "+pod.ID().Target()+leftover(pod))
		}
	}
	if len(out) > 5 {
		out = append(out[:5], fmt.Sprintf("and %d more", len(out)-5))
	}
	return fmt.Errorf("pods are left after %d s: %s", n.args.Timeout, strings.Join(out, "; "))
}

func leftover(pod object.Object) string {
	if pod.Text("metadata", "deletionTimestamp") != "" {
		return " is told to end, and has not"
	}
	return " is still there"
}

// held finds the budget that keeps pod from being evicted.
func held(pod object.Object, budgets []object.Object) (object.Object, bool) {
	for _, b := range budgets {
		if b.ID().Namespace == pod.ID().Namespace && b.Int(0, "status", "disruptionsAllowed") == 0 && selects(b, pod) {
			return b, true
		}
	}
	return object.Object{}, false
}

// selects reports whether b's selector takes pod.
func selects(b, pod object.Object) bool {
	labels, _ := b.At("spec", "selector", "matchLabels").(map[string]any)
	for k, v := range labels {
		if pod.At("metadata", "labels", k) != v {
			return false
		}
	}
	for _, e := range b.List("spec", "selector", "matchExpressions") {
		have, has := pod.At("metadata", "labels", e.Text("key")).(string)
		values, _ := e.At("values").([]any)
		in := has && slices.Contains(values, any(have))
		switch e.Text("operator") {
		case "In":
			has = in
		case "NotIn":
			has = !in
		case "DoesNotExist":
			has = !has
		}
		if !has {
			return false
		}
	}
	return true
}
