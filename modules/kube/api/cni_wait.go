package api

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// afterProxy puts a wait for kube-proxy before all other steps: a plugin that starts
// before the API's service has an address on its node hangs for half a minute, while
// everything looks rolled out.
func (n *network) afterProxy(p *module.Plan) {
	if o, ok := object.Find(n.live, proxy()); n.state == client.Live && (!ok || o.Readiness().Ready) {
		return
	}
	c := change.Change{Action: change.Wait, Kind: "objects", Target: proxy().String()}
	first := module.Step{Change: c, Certain: true, Do: func(ctx context.Context, s system.System) error {
		found, err := n.Objects(ctx, s, []object.Object{proxy().Object()})
		if err != nil || len(found) == 0 {
			return err
		}
		return n.wait(ctx, s, found)
	}}
	p.Steps = append([]module.Step{first}, p.Steps...)
}

// nodes plans the wait until the pods of every node have a network.
func (n *network) nodes(p *module.Plan) {
	c := change.Change{Action: change.Wait, Kind: "nodes", Target: "ready"}
	p.Add(c, func(ctx context.Context, s system.System) error {
		return client.Until(ctx, n.waiting.timeout(), func(ctx context.Context) (string, error) {
			found, err := n.Listed(ctx, s, nil, "nodes")
			if err != nil {
				return "", err
			}
			for _, o := range found {
				if why := n.unready(o); why != "" {
					return fmt.Sprintf("node %s: %s", o.ID().Name, why), nil
				}
			}
			return "", nil
		})
	}).Certain = true
}

// unready is why the pods of a node have no network yet, "" if they have.
func (n *network) unready(o object.Object) string {
	if why := o.Readiness(); !why.Ready {
		return why.Why
	}
	if c, ok := o.Condition("NetworkUnavailable"); n.tells() && (!ok || c.Text("status") != "False") {
		return n.plugin + " has not said that it is up there"
	}
	return ""
}
