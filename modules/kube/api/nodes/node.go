// Package nodes holds the module for the nodes of a cluster, kube_node. It knows them
// by the API alone, and nothing of the hosts that they are.
//
// # Decisions
//
// Who cordoned a node is written on it, so that a run that was cut short can be taken
// up again, and a node that a person took out of service stays out. A node that is
// not there yet is waited for: a check of a cluster that grows comes before it.
package nodes

import (
	"context"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// KubeNodeArgs are the arguments of the kube_node module.
type KubeNodeArgs struct {
	// Name is the node's name.
	Name string `arg:"name,required"`
	// State is what is to become of the node: present waits for it to join,
	// cordoned takes no new pods, drained has none but those of its own, uncordoned
	// takes pods again if it was gokube that cordoned it, absent is deleted.
	State string `arg:"state" enum:"present|absent|cordoned|uncordoned|drained" default:"present"`
	// Labels are those that the node is to have; null removes one. Others stay.
	Labels map[string]any `arg:"labels"`
	// Taints are those that the node is to have: key to "value:Effect", ":Effect" or
	// "Effect", null to remove all of the key. Others stay.
	Taints map[string]any `arg:"taints"`
	// Annotations are those that the node is to have; null removes one.
	Annotations map[string]any `arg:"annotations"`
	// Force uncordons a node that somebody else cordoned, and drains pods that
	// nothing would start again.
	Force bool `arg:"force"`
	// IgnoreDaemonsets drains a node whose DaemonSets' pods stay.
	IgnoreDaemonsets bool `arg:"ignore_daemonsets" default:"true"`
	// DeleteEmptydirData drains pods that lose data of an emptyDir by it.
	DeleteEmptydirData bool `arg:"delete_emptydir_data"`
	// DisableEviction deletes pods instead, which no disruption budget prevents.
	DisableEviction bool `arg:"disable_eviction"`
	// GracePeriod is how many seconds a pod has to end; -1 is what it says itself.
	GracePeriod int `arg:"grace_period" default:"-1"`
	// PodSelector are the labels of the only pods to drain.
	PodSelector string `arg:"pod_selector"`
	// Timeout is how many seconds a drain, or the wait for a node to join, may take.
	Timeout int `arg:"timeout" default:"300"`
	client.Access
}

// Mark is the annotation that says who cordoned a node.
const Mark = "gokube.dev/cordoned-by"

// KubeNode is the state of one node of a cluster.
var KubeNode = module.Define(module.Spec{
	Name:    "kube_node",
	Summary: "Label, taint, cordon, drain or delete a node of a Kubernetes cluster",
	Example: `- name: keep a node for databases
  kube_node:
    name: "{{ .inventory_hostname }}"
    labels: {example.com/disk: fast, example.com/old: null}
    taints: {example.com/database: NoSchedule}
- name: empty a node
  kube_node: {name: worker1, state: drained, delete_emptydir_data: true, timeout: 600}
- name: take pods again, unless somebody else cordoned it
  kube_node: {name: worker1, state: uncordoned}
`,
	Output: []module.Doc{{Name: "pods", Text: "with state drained, the pods that are evicted"}},
}, planNode)

func planNode(ctx context.Context, r system.Reader, a *KubeNodeArgs) (*module.Plan, error) {
	n := &node{args: a, c: a.Client(), id: object.ID{APIVersion: "v1", Kind: "Node", Name: a.Name}}
	p := &module.Plan{}
	var err error
	if n.state, err = n.c.State(r); err != nil {
		return nil, err
	}
	if err := n.look(ctx, r); err != nil {
		return nil, err
	}
	if a.State == "absent" {
		n.absent(p)
		return p, nil
	}
	if !n.there {
		n.join(p)
	}
	if err := n.settle(p); err != nil {
		return nil, err
	}
	if a.State == "drained" {
		return p, n.drain(ctx, r, p)
	}
	return p, nil
}

// node is one node, as it is.
type node struct {
	args  *KubeNodeArgs
	c     client.Client
	id    object.ID
	state client.State
	there bool
	is    object.Object
}

// key names the node among all that a check may predict.
func (n *node) key() system.Key { return n.id.Key() }

func (n *node) look(ctx context.Context, r system.Reader) error {
	if n.state != client.Live {
		n.there = true
		return nil
	}
	found, err := n.c.Listed(ctx, r, []system.Key{n.key()}, "node", n.id.Name)
	if _, unsure := unknown.Of(err); unsure {
		n.state, n.there = client.Unsure, true
		return nil
	}
	if n.there = len(found) == 1; n.there {
		n.is = found[0]
	}
	return err
}

// join plans the wait for a node that is about to join.
func (n *node) join(p *module.Plan) {
	limit := time.Duration(n.args.Timeout) * time.Second
	p.Add(change.Change{Action: change.Wait, Kind: "node", Target: n.id.Name}, func(ctx context.Context, s system.System) error {
		return client.Until(ctx, limit, func(ctx context.Context) (string, error) {
			found, err := n.c.Listed(ctx, s, nil, "node", n.id.Name)
			if err == nil && len(found) == 0 {
				return "it has not joined the cluster; is its name that of the host?", nil
			}
			return "", err
		})
	}).Certain = true
}

func (n *node) absent(p *module.Plan) {
	if n.there {
		args := []string{"delete", "node", n.id.Name, "--ignore-not-found", "--timeout", fmt.Sprintf("%ds", n.args.Timeout)}
		c := change.Change{Action: change.Delete, Kind: "node", Target: n.id.Name}
		p.Add(n.doubtful(c), func(ctx context.Context, s system.System) error { return n.run(ctx, s, nil, nil, args...) }).Certain = n.state == client.Live
	}
}

// doubtful is c, possible only if the cluster is only predicted.
func (n *node) doubtful(c change.Change) change.Change {
	if n.state == client.Fresh {
		c.Doubt = client.ComesWithIt
	}
	return c
}

// run runs kubectl to change the node, and more with it.
func (n *node) run(ctx context.Context, s system.System, more []object.Object, in []byte, args ...string) error {
	keys := []system.Key{n.key(), client.Anything()}
	for _, o := range more {
		keys = append(keys, o.ID().Key())
	}
	return n.c.Run(ctx, s, keys, in, args...)
}

// settle plans one change for all of labels, annotations, taints and cordon.
func (n *node) settle(p *module.Plan) error {
	e := &edit{node: n, labels: map[string]any{}, notes: map[string]any{}, sure: true}
	if err := e.all(); err != nil {
		return err
	}
	if n.cordoned() && n.args.State == "uncordoned" && !n.ours() {
		p.Note = "somebody else cordoned it; force: true uncordons it all the same"
	}
	if !e.differs {
		return nil
	}
	c := change.Change{Action: change.Update, Kind: "node", Target: n.id.Name, Before: &change.Value{Attrs: e.before}, After: &change.Value{Attrs: e.after}}
	if !e.sure {
		c = n.doubtful(c)
	}
	p.Add(c, e.apply).Certain = n.state != client.Unsure && e.sure
	return nil
}

func (n *node) cordoned() bool { return n.is.At("spec", "unschedulable") == true }

// ours reports whether gokube cordoned the node, or is to take it for its own.
func (n *node) ours() bool {
	return n.args.Force || n.state == client.Unsure || n.is.Text("metadata", "annotations", Mark) != ""
}
