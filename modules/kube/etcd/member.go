package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// MemberArgs are the arguments of the etcd_member module.
type MemberArgs struct {
	// Name is the member's name. state listed needs none.
	Name string `arg:"name"`
	// PeerURLs are the URLs at which other members reach it.
	PeerURLs []string `arg:"peer_urls,alias=peer_url"`
	// State is whether it is to be a member; listed only reads.
	State string `arg:"state" enum:"present|absent|listed" default:"present"`
	// Learner is for a member that will be started after this task: it is added as
	// one without a vote, so that it cannot take the majority away before it runs.
	// Without, a learner is promoted as soon as it has caught up, and its health
	// waited for.
	Learner bool `arg:"learner"`
	// Timeout is how many seconds to wait for the member to catch up and be healthy.
	Timeout int `arg:"timeout" default:"120"`
	Access
}

// Member is one member of an etcd cluster.
var Member = module.Define(module.Spec{
	Name:    "etcd_member",
	Summary: "Add a member to an etcd cluster, promote or remove it",
	Example: `- name: add a member that does not run yet
  etcd_member:
    name: etcd3
    peer_urls: https://10.0.0.13:2380
    learner: true
    endpoints: https://10.0.0.11:2379,https://10.0.0.12:2379
  register: added
- name: let it vote
  etcd_member: {name: etcd3, peer_urls: "https://10.0.0.13:2380", endpoints: "https://10.0.0.11:2379"}
- name: remove a member whose host is lost
  etcd_member: {name: etcd2, state: absent}
- etcd_member: {state: listed}
  register: etcd
`,
	Output: []module.Doc{{Name: "members", Text: "id, name, peer_urls, client_urls, learner, started and healthy of each member, as they were before"},
		{Name: "initial_cluster", Text: "what the member is to be started with as initial-cluster, with initial-cluster-state existing"}},
}, planMember)

func planMember(ctx context.Context, r system.Reader, a *MemberArgs) (*module.Plan, error) {
	if a.Name == "" && a.State != "listed" {
		return nil, errors.New("the member's name is missing")
	}
	p := &module.Plan{Output: map[string]any{"members": []any{}}}
	st, lacks, err := a.state(r)
	if err != nil {
		return nil, err
	}
	if st == missing {
		if a.State == "listed" {
			p.Note = lacks + " is not there, so this host knows no etcd"
			return p, nil
		}
		return nil, fmt.Errorf("ask etcd: %s is not there; say with cacert, cert and key how to reach the cluster", lacks)
	}
	var ms []one
	if st == live {
		ms, err = a.members(ctx, r)
		if _, doubt := unknown.Of(err); doubt {
			st = unsure
		} else if err != nil {
			return nil, err
		}
	}
	if st != live {
		a.guess(p, st)
		return p, nil
	}
	p.Output["members"] = shown(ms)
	return p, a.plan(p, ms)
}

// plan plans for a cluster whose members are ms.
func (a *MemberArgs) plan(p *module.Plan, ms []one) error {
	m, there := find(ms, a.Name, a.PeerURLs)
	switch {
	case a.State == "present":
		return a.present(p, ms, m, there)
	case a.State == "absent" && there:
		return a.remove(p, ms, m)
	}
	return nil
}

// present plans that m, if it is there, is a member as it is to be.
func (a *MemberArgs) present(p *module.Plan, ms []one, m one, there bool) error {
	peers := a.PeerURLs
	if len(peers) == 0 {
		peers = m.PeerURLs
	}
	p.Output["initial_cluster"] = initial(ms, a.Name, peers)
	if !there {
		return a.add(p, ms)
	}
	if m.started() && m.Name != a.Name {
		return fmt.Errorf("add member %s: %s has its peer URL; remove that one first", a.Name, m)
	}
	if err := a.move(p, ms, m); err != nil || a.Learner || m.healthy() {
		return err
	}
	if m.IsLearner {
		if err := sound(others(ms, m)); err != nil {
			return fmt.Errorf("promote member %s: %w", a.Name, err)
		}
		a.promote(p, m)
	}
	a.healthy(p)
	return nil
}

// changes is the effect of changing the member.
func (a *MemberArgs) changes() system.Effects {
	return system.Closed(system.Vague(all()), system.Vague(member(a.Name)))
}

// guess plans for a cluster that nobody can ask yet. A host that is only about to get
// its certificates is no member yet, so that it is added for certain.
func (a *MemberArgs) guess(p *module.Plan, st state) {
	c := change.Change{Action: change.Create, Kind: "etcd member", Target: a.Name, After: a.added()}
	p.Output = map[string]any{"members": module.Pending{}}
	certain := false
	switch {
	case a.State == "listed":
		p.Add(change.Change{Action: change.Wait, Kind: "etcd members", Target: "listed"}, func(context.Context, system.System) error { return nil })
		return
	case a.State == "absent":
		c.Action, c.After = change.Delete, nil
	case a.Learner:
		p.Output["initial_cluster"] = module.Pending{}
		certain = st == predicted
	default:
		p.Output["initial_cluster"] = module.Pending{}
		c = promotion(a.Name)
	}
	if st == predicted && !certain {
		c.Doubt = "its cluster is not there yet"
	}
	p.Add(c, func(ctx context.Context, s system.System) error {
		return a.run(ctx, s, a.changes(), a.Endpoints, "member", "list")
	}).Certain = certain
}

func (a *MemberArgs) added() *change.Value {
	learner := "no"
	if a.Learner {
		learner = "yes"
	}
	return change.Attrs("peer_urls", strings.Join(a.PeerURLs, ","), "learner", learner)
}

func (a *MemberArgs) add(p *module.Plan, ms []one) error {
	if len(a.PeerURLs) == 0 {
		return fmt.Errorf("add member %s: peer_urls is missing", a.Name)
	}
	if err := sound(ms); err != nil {
		return fmt.Errorf("add member %s: %w", a.Name, err)
	}
	args := []string{"member", "add", a.Name, "--peer-urls", strings.Join(a.PeerURLs, ",")}
	if a.Learner {
		args = append(args, "--learner")
	}
	c := change.Change{Action: change.Create, Kind: "etcd member", Target: a.Name, After: a.added()}
	p.Add(c, a.reconfigure(args...))
	return nil
}

func (a *MemberArgs) remove(p *module.Plan, ms []one, m one) error {
	if err := expendable(ms, m); err != nil {
		return fmt.Errorf("remove member %s: %w", m, err)
	}
	p.Add(change.Change{Action: change.Delete, Kind: "etcd member", Target: a.Name}, a.reconfigure("member", "remove", m.ID))
	return nil
}

// move plans that others reach the member at other URLs.
func (a *MemberArgs) move(p *module.Plan, ms []one, m one) error {
	is, want := slices.Sorted(slices.Values(m.PeerURLs)), slices.Sorted(slices.Values(a.PeerURLs))
	if len(want) == 0 || slices.Equal(is, want) {
		return nil
	}
	if err := sound(others(ms, m)); err != nil {
		return fmt.Errorf("move member %s: %w", a.Name, err)
	}
	c := change.Change{Action: change.Update, Kind: "etcd member", Target: a.Name, Before: change.Attrs("peer_urls", strings.Join(is, ",")), After: change.Attrs("peer_urls", strings.Join(want, ","))}
	p.Add(c, a.reconfigure("member", "update", m.ID, "--peer-urls", strings.Join(want, ",")))
	return nil
}

// reconfigure changes the members, as soon as etcd lets it: not while a member has
// been connected for some seconds only, nor while a learner lags behind.
func (a *MemberArgs) reconfigure(args ...string) func(context.Context, system.System) error {
	return func(ctx context.Context, s system.System) error {
		return a.until(ctx, func(ctx context.Context) error {
			err := a.run(ctx, s, a.changes(), a.Endpoints, args...)
			if err != nil && (strings.Contains(err.Error(), "unhealthy cluster") || strings.Contains(err.Error(), "in sync with leader")) {
				return soon{err}
			}
			return err
		})
	}
}

// promote plans that a learner votes, once it has caught up.
func (a *MemberArgs) promote(p *module.Plan, m one) {
	p.Add(promotion(a.Name), a.reconfigure("member", "promote", m.ID))
}

func promotion(name string) change.Change {
	return change.Change{Action: change.Update, Kind: "etcd member", Target: name, Before: change.Attrs("learner", "yes"), After: change.Attrs("learner", "no")}
}

// healthy plans the wait for the member.
func (a *MemberArgs) healthy(p *module.Plan) {
	p.Add(change.Change{Action: change.Wait, Kind: "etcd member", Target: a.Name}, func(ctx context.Context, s system.System) error {
		return a.until(ctx, func(ctx context.Context) error {
			ms, err := a.members(ctx, s)
			if err != nil {
				return err
			}
			if m, there := find(ms, a.Name, a.PeerURLs); there && !m.healthy() {
				return soon{sound([]one{m})}
			} else if !there {
				return fmt.Errorf("member %s is not there any more", a.Name)
			}
			return nil
		})
	})
}

// soon is an error that time may mend.
type soon struct{ error }

// until tries again and again until do succeeds, or fails for good. etcd itself
// refuses what would be too early.
func (a *MemberArgs) until(ctx context.Context, do func(context.Context) error) error {
	timed, cancel := context.WithTimeout(ctx, time.Duration(a.Timeout)*time.Second)
	defer cancel()
	var last soon
	look := ctx // so that there is one however short the time is
	for pause := 200 * time.Millisecond; ; pause, look = min(pause*2, 2*time.Second), timed {
		err := do(look)
		if look.Err() == nil && !errors.As(err, &last) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-timed.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("not so after %d s: %w", a.Timeout, last)
		}
	}
}
