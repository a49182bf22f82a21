package etcd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/system"
)

// one is one member, as etcd lists it.
type one struct {
	ID string `json:"ID"` // as etcdctl takes it

	Name       string   `json:"name"`
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	IsLearner  bool     `json:"isLearner"`
	trouble    string   // why it is not healthy, "" if it is
}

// started reports whether the member has ever run: only then does it have a name.
func (m one) started() bool { return m.Name != "" }

// String names the member for people.
func (m one) String() string {
	urls := strings.Join(m.PeerURLs, ",")
	if !m.started() {
		return urls
	}
	return m.Name + " (" + urls + ")"
}

// healthy reports whether the member votes and answers.
func (m one) healthy() bool { return m.started() && !m.IsLearner && m.trouble == "" }

// members are all of a cluster, in etcd's order.
func (a Access) members(ctx context.Context, r system.Reader) ([]one, error) {
	var list struct {
		Members []one `json:"members"`
	}
	if err := a.ask(ctx, r, &list, "member", "list"); err != nil {
		return nil, err
	}
	var health []struct {
		Endpoint string `json:"endpoint"`
		Health   bool   `json:"health"`
		Error    string `json:"error"`
	}
	if err := a.ask(ctx, r, &health, "endpoint", "health", "--cluster"); err != nil {
		return nil, err
	}
	for i := range list.Members {
		m := &list.Members[i]
		m.trouble = "it does not answer"
		for _, h := range health {
			if slices.Contains(m.ClientURLs, h.Endpoint) {
				if m.trouble = h.Error; h.Health {
					m.trouble = ""
					break
				}
			}
		}
	}
	return list.Members, nil
}

// find is the member that has one of peers, or else the one called name.
func find(all []one, name string, peers []string) (one, bool) {
	for _, by := range []func(one) bool{
		func(m one) bool {
			return slices.ContainsFunc(peers, func(p string) bool { return slices.Contains(m.PeerURLs, p) })
		},
		func(m one) bool { return m.Name == name },
	} {
		if i := slices.IndexFunc(all, by); i >= 0 {
			return all[i], true
		}
	}
	return one{}, false
}

// others are all but m.
func others(all []one, m one) []one {
	return slices.DeleteFunc(slices.Clone(all), func(x one) bool { return x.ID == m.ID })
}

// sound is an error if one of ms is half added, or not healthy.
func sound(ms []one) error {
	for _, m := range ms {
		switch {
		case !m.started():
			return fmt.Errorf("member %s was added and has never been started: start it, or remove it first", m)
		case m.IsLearner:
			return fmt.Errorf("member %s is a learner that was never promoted: promote it, or remove it first", m)
		case m.trouble != "":
			return fmt.Errorf("member %s is not healthy: %s; bring it back, or remove it first", m, m.trouble)
		}
	}
	return nil
}

// expendable is an error if the cluster could not do without m.
func expendable(ms []one, m one) error {
	rest := others(ms, m)
	healthy, voters := 0, 0
	for _, x := range rest {
		if !x.IsLearner {
			voters++
		}
		if x.healthy() {
			healthy++
		}
	}
	switch {
	case voters == 0:
		return fmt.Errorf("it is the only member")
	case healthy <= voters/2:
		return fmt.Errorf("only %d of the %d members that would be left are healthy, which is no majority: %w", healthy, voters, sound(rest))
	case m.healthy():
		return sound(rest)
	}
	return nil
}

// shown are ms as a task's output has them.
func shown(ms []one) []any {
	out := []any{}
	for _, m := range ms {
		out = append(out, map[string]any{"id": m.ID, "name": m.Name, "peer_urls": texts(m.PeerURLs), "client_urls": texts(m.ClientURLs),
			"learner": m.IsLearner, "started": m.started(), "healthy": m.healthy()})
	}
	return out
}

func texts(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// initial is the flag initial-cluster for a member called name at peers: all others
// that have been started, and it.
func initial(ms []one, name string, peers []string) string {
	var out []string
	for _, m := range ms {
		for _, u := range m.PeerURLs {
			if m.started() && m.Name != name && !slices.Contains(peers, u) {
				out = append(out, m.Name+"="+u)
			}
		}
	}
	for _, u := range peers {
		out = append(out, name+"="+u)
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}
