package etcd_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
	"github.com/gokube/gokube/modules/kube/etcd"
)

// simulated is a member that etcdctl prints.
type simulated struct {
	ID, Name             string
	PeerURLs, ClientURLs []string
	IsLearner            bool
}

type list []simulated

func (l list) String() string {
	var sb strings.Builder
	for _, m := range l {
		state := "started"
		if m.Name == "" {
			state = "unstarted"
		}
		fmt.Fprintf(&sb, "%s, %s, %s, %s, %s, %t\n", m.ID, state, m.Name, strings.Join(m.PeerURLs, ","), strings.Join(m.ClientURLs, ","), m.IsLearner)
	}
	return sb.String()
}

func read(text string) (l list) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ", ")
		m := simulated{ID: f[0], Name: f[2], PeerURLs: strings.Split(f[3], ","), IsLearner: f[5] == "true"}
		if f[4] != "" {
			m.ClientURLs = strings.Split(f[4], ",")
		}
		l = append(l, m)
	}
	return l
}

// store is the list of members as one object, named by the key of all.
type store struct{ text string }

func (store) Kind() string { return "cluster" }

var all = system.Key{Kind: "cluster", Name: "etcd"}

func real(t *testing.T) list {
	t.Helper()
	text, err := os.ReadFile("testdata/etcdctl/three.txt")
	if err != nil {
		t.Fatal(err)
	}
	return read(string(text))
}

// with is a host that reaches a cluster of ms, of which those called down do not
// answer.
func with(l list, down ...string) func() *systemtest.Fake {
	return func() *systemtest.Fake {
		f := systemtest.New()
		for _, p := range []string{"ca.crt", "healthcheck-client.crt", "healthcheck-client.key"} {
			f.Files["/etc/kubernetes/pki/etcd/"+p] = systemtest.File{Text: "x"}
		}
		f.Objects[all] = store{l.String()}
		f.Commands["etcdctl"] = func(f *systemtest.Fake, c system.Cmd) system.Output { return etcdctl(f, c, down) }
		return f
	}
}

func etcdctl(f *systemtest.Fake, c system.Cmd, down []string) system.Output {
	args := c.Argv[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		args = args[2:]
	}
	l := read(f.Objects[all].(store).text)
	defer func() { f.Objects[all] = store{l.String()} }()
	switch strings.Join(args[:2], " ") {
	case "member list":
		return system.Output{Stdout: []byte(l.String())}
	case "endpoint health":
		return health(l, down)
	case "member add":
		l = append(l, simulated{ID: "63", PeerURLs: strings.Split(args[4], ","), IsLearner: slices.Contains(args, "--learner")})
	case "member remove", "member promote", "member update":
		i := slices.IndexFunc(l, func(m simulated) bool { return m.ID == args[2] })
		switch {
		case args[1] == "remove":
			l = slices.Delete(l, i, i+1)
		case args[1] == "update":
			l[i].PeerURLs = strings.Split(args[4], ",")
		case l[i].Name == "":
			return system.Output{Code: 1, Stderr: []byte(`{"level":"warn"}` + "\nError: etcdserver: can only promote a learner member which is in sync with leader\n")}
		default:
			l[i].IsLearner = false
		}
	case "snapshot save":
		sum := sha256.Sum256([]byte("data"))
		f.Files[args[2]] = systemtest.File{Text: "data" + string(sum[:]), Attrs: system.Attrs{Mode: 0o600}}
	}
	return system.Output{}
}

func health(l list, down []string) (out system.Output) {
	var hs []map[string]any
	for _, m := range l {
		for _, u := range m.ClientURLs {
			h := map[string]any{"endpoint": u, "health": true, "took": "1.2ms"}
			if slices.Contains(down, m.Name) {
				h["health"], h["error"], out.Code = false, "context deadline exceeded", 1
			}
			hs = append(hs, h)
		}
	}
	out.Stdout, _ = json.Marshal(hs)
	return out
}

func adds(learner string) change.Change {
	return change.Change{Action: change.Create, Kind: "etcd member", Target: "etcd4", After: change.Attrs("peer_urls", "https://10.0.0.14:2380", "learner", learner)}
}

func TestMember(t *testing.T) {
	t.Parallel()
	three := real(t)
	and := func(m simulated) list { return append(slices.Clone(three), m) }
	unstarted := simulated{ID: "63", PeerURLs: []string{"https://10.0.0.14:2380"}, IsLearner: true}
	learner := simulated{ID: "63", Name: "etcd4", PeerURLs: unstarted.PeerURLs, ClientURLs: []string{"https://10.0.0.14:2379"}, IsLearner: true}
	voter := learner
	voter.IsLearner = false
	fourth := func(more module.Args) module.Args {
		a := module.Args{"name": "etcd4", "peer_urls": "https://10.0.0.14:2380"}
		for k, v := range more {
			a[k] = v
		}
		return a
	}
	promote := change.Change{Action: change.Update, Kind: "etcd member", Target: "etcd4", Before: change.Attrs("learner", "yes"), After: change.Attrs("learner", "no")}
	gone := func(name string) []change.Change {
		return []change.Change{{Action: change.Delete, Kind: "etcd member", Target: name}}
	}
	const tls = "etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key "
	moduletest.Run(t, etcd.Member, []moduletest.Case{
		{Name: "add as a learner", Host: with(three), Args: fourth(module.Args{"learner": true}), Want: []change.Change{adds("yes")},
			Then:   moduletest.Then{Ran: []string{tls + "member add etcd4 --peer-urls https://10.0.0.14:2380 --learner"}},
			Output: map[string]any{"initial_cluster": "etcd1=https://10.0.0.11:2380,etcd2=https://10.0.0.12:2380,etcd3=https://10.0.0.13:2380,etcd4=https://10.0.0.14:2380"}},
		{Name: "added and not started", Host: with(and(unstarted)), Args: fourth(module.Args{"learner": true})},
		{Name: "a learner that runs", Host: with(and(learner)), Args: fourth(module.Args{"learner": true})},
		{Name: "promote", Host: with(and(learner)), Args: fourth(nil), Want: []change.Change{promote, {Action: change.Wait, Kind: "etcd member", Target: "etcd4"}},
			Then: moduletest.Then{Ran: []string{tls + "member promote 63"}}},
		{Name: "promote what was never started", Host: with(and(unstarted)), Args: fourth(module.Args{"timeout": 0}), Err: "can only promote a learner member which is in sync with leader"},
		{Name: "a healthy member", Host: with(and(voter)), Args: fourth(nil)},
		{Name: "not healthy yet", Host: with(and(voter), "etcd4"), Args: fourth(module.Args{"timeout": 0}), Err: "member etcd4 (https://10.0.0.14:2380) is not healthy: context deadline exceeded"},
		{Name: "add while one is down", Host: with(three, "etcd2"), Args: fourth(nil), Err: "add member etcd4: member etcd2 (https://10.0.0.12:2380) is not healthy: context deadline exceeded; bring it back, or remove it first"},
		{Name: "add while one was never started", Host: with(and(unstarted)), Args: module.Args{"name": "etcd5", "peer_urls": "https://10.0.0.15:2380"}, Err: "member https://10.0.0.14:2380 was added and has never been started"},
		{Name: "add while one is a learner", Host: with(and(learner)), Args: module.Args{"name": "etcd5", "peer_urls": "https://10.0.0.15:2380"}, Err: "member etcd4 (https://10.0.0.14:2380) is a learner that was never promoted"},
		{Name: "a peer URL of another", Host: with(three), Args: module.Args{"name": "etcd4", "peer_urls": "https://10.0.0.13:2380"}, Err: "etcd3 (https://10.0.0.13:2380) has its peer URL"},
		{Name: "move", Host: with(three), Args: module.Args{"name": "etcd3", "peer_urls": "https://10.0.0.33:2380"},
			Want: []change.Change{{Action: change.Update, Kind: "etcd member", Target: "etcd3", Before: change.Attrs("peer_urls", "https://10.0.0.13:2380"), After: change.Attrs("peer_urls", "https://10.0.0.33:2380")}}},
		{Name: "remove", Host: with(three), Args: module.Args{"name": "etcd1", "state": "absent"}, Want: gone("etcd1"), Then: moduletest.Then{Ran: []string{tls + "member remove ddd67b312462fd7b"}}},
		{Name: "remove a lost one", Host: with(three, "etcd2"), Args: module.Args{"name": "etcd2", "state": "absent"}, Want: gone("etcd2")},
		{Name: "remove a healthy one while another is lost", Host: with(three, "etcd2"), Args: module.Args{"name": "etcd1", "state": "absent"},
			Err: "only 1 of the 2 members that would be left are healthy, which is no majority: member etcd2 (https://10.0.0.12:2380) is not healthy"},
		{Name: "remove the last", Host: with(three[:1]), Args: module.Args{"name": "etcd1", "state": "absent"}, Err: "it is the only member"},
		{Name: "remove what is not there", Host: with(three), Args: module.Args{"name": "nosuch", "state": "absent"}},
		{Name: "list", Host: with(three[2:], "etcd3"), Args: module.Args{"state": "listed"},
			Output: map[string]any{"members": []any{map[string]any{"id": "11", "name": "etcd3", "peer_urls": []any{"https://10.0.0.13:2380"}, "client_urls": []any{"https://10.0.0.13:2379"}, "learner": false, "started": true, "healthy": false}}}},
		{Name: "list without etcd", Args: module.Args{"state": "listed"}, Output: map[string]any{"members": []any{}}},
		{Name: "no certificates", Args: fourth(nil), Err: "/etc/kubernetes/pki/etcd/ca.crt is not there"},
		{Name: "no name", Args: module.Args{}, Err: "name is missing"},
		{Name: "no URL", Host: with(three), Args: module.Args{"name": "etcd4"}, Err: "peer_urls is missing"},
	})
	moduletest.Examples(t, etcd.Member)
}

// A host that is only about to get its certificates is no member yet.
func TestAHostThatIsAboutToJoin(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(with(real(t))()))
	for learner, certain := range map[bool]bool{true: true, false: false} {
		o.Task("")
		for _, p := range []string{"ca.crt", "healthcheck-client.crt", "healthcheck-client.key"} {
			if err := o.Run(t.Context(), system.Command("make"), system.Closed(system.Holds("/etc/kubernetes/pki/etcd/"+p, system.Info{}))); err != nil {
				t.Fatal(err)
			}
		}
		p, err := etcd.Member.Plan(t.Context(), o, module.Args{"name": "etcd4", "peer_urls": "https://10.0.0.14:2380", "learner": learner})
		if err != nil || len(p.Steps) != 1 || p.Steps[0].Certain != certain || (p.Steps[0].Doubt == "") != certain {
			t.Errorf("learner %t: the plan is %+v, %v", learner, p, err)
		}
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	three := real(t)
	saved := change.Change{Action: change.Create, Kind: "etcd snapshot", Target: "/var/backups/a.db"}
	kept := func() *systemtest.Fake {
		f := with(three)()
		f.Files["/var/backups"] = systemtest.Dir()
		for i := range 3 {
			f.Files[fmt.Sprintf("/var/backups/snapshot-2026010%dT000000.000Z.db", i+1)] = systemtest.File{Text: "x"}
		}
		f.Files["/var/backups/other.db"] = systemtest.File{Text: "x"}
		return f
	}
	torn := func() *systemtest.Fake {
		f := with(three)()
		f.Commands["etcdctl"] = systemtest.Does(func(f *systemtest.Fake) {
			f.Files["/var/backups/a.db"] = systemtest.File{Text: strings.Repeat("x", 50), Attrs: system.Attrs{Mode: 0o600}}
		})
		return f
	}
	old := func(day int) change.Change {
		return change.Change{Action: change.Delete, Kind: "file", Target: fmt.Sprintf("/var/backups/snapshot-2026010%dT000000.000Z.db", day)}
	}
	dir := change.Change{Action: change.Create, Kind: "etcd snapshot", Target: "/var/backups/"}
	moduletest.Run(t, etcd.Snapshot, []moduletest.Case{
		{Name: "save", Host: with(three), Args: module.Args{"path": "/var/backups/a.db"}, Want: []change.Change{saved}, Output: map[string]any{"path": "/var/backups/a.db"}},
		{Name: "saved", Host: kept, Args: module.Args{"path": "/var/backups/other.db"}},
		{Name: "torn", Host: torn, Args: module.Args{"path": "/var/backups/a.db"}, Want: []change.Change{saved}, Err: "it is not whole", Then: moduletest.Then{Gone: []string{"/var/backups/a.db"}}},
		{Name: "one more", Host: kept, Args: module.Args{"path": "/var/backups/", "keep": 2}, Want: []change.Change{dir, old(1), old(2)}, OpaqueAgain: true, Then: moduletest.Then{Files: map[string]systemtest.File{"/var/backups/other.db": {Text: "x"}}}},
		{Name: "new directory", Host: with(three), Args: module.Args{"path": "/srv/etcd/", "keep": 2}, OpaqueAgain: true,
			Want: []change.Change{{Action: change.Create, Kind: "directory", Target: "/srv/etcd", After: change.Attrs("mode", "0700")}, {Action: change.Create, Kind: "etcd snapshot", Target: "/srv/etcd/"}}},
		{Name: "a directory without a slash", Host: kept, Args: module.Args{"path": "/var/backups"}, Err: "end it in a slash"},
		{Name: "keep of a file", Host: kept, Args: module.Args{"path": "/var/backups/a.db", "keep": 2}, Err: "path must end in a slash"},
		{Name: "relative", Args: module.Args{"path": "a.db"}, Err: "does not begin with a slash"},
	})
	moduletest.Examples(t, etcd.Snapshot)
}
