package etcd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

// one is one member, as etcd lists it.
type one struct {
	ID         string // as etcdctl takes it
	Name       string
	PeerURLs   []string
	ClientURLs []string
	IsLearner  bool
	trouble    string // why it is not healthy, "" if it is
}

// health is what an endpoint answers.
type health struct {
	Endpoint string `json:"endpoint"`
	Health   bool   `json:"health"`
	Error    string `json:"error"`
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
	text, err := a.ask(ctx, r, "member", "list", "-w", "simple")
	if err != nil {
		return nil, err
	}
	ms, err := parse(string(text))
	if err != nil {
		return nil, err
	}
	if text, err = a.ask(ctx, r, "endpoint", "health", "--cluster", "-w", "json"); err != nil {
		return nil, err
	}
	var answers []health
	if err := json.Unmarshal(text, &answers); err != nil {
		return nil, fmt.Errorf("read the health of members: %w", err)
	}
	for i := range ms {
		ms[i].judge(answers)
	}
	return ms, nil
}

// judge takes from answers whether m is healthy.
func (m *one) judge(answers []health) {
	m.trouble = "it does not answer"
	for _, h := range answers {
		if !slices.Contains(m.ClientURLs, h.Endpoint) {
			continue
		}
		if m.trouble = h.Error; h.Health {
			m.trouble = ""
			return
		}
	}
}

// parse reads a list of members. etcdctl's JSON has IDs that are too long for
// numbers, or, with its option for that, does not tell learners.
func parse(text string) (out []one, err error) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ", ")
		if len(f) != 6 {
			return nil, fmt.Errorf("read the list of members: %q is no member", line)
		}
		out = append(out, one{ID: f[0], Name: f[2], PeerURLs: urls(f[3]), ClientURLs: urls(f[4]), IsLearner: f[5] == "true"})
	}
	return out, nil
}

func urls(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
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
