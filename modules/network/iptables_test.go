package network

import (
	"slices"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// there is that a chain or a rule is there, and a chain's policy.
type there struct{ Is string }

// Kind is "iptables".
func (there) Kind() string { return "iptables" }

func entry(name string) system.Key { return system.Key{Kind: "iptables", Name: name} }

// iptables keeps chains and rules as objects.
func iptables(f *systemtest.Fake, c system.Cmd) system.Output {
	at := c.Argv[3] + "/" + c.Argv[5]
	if c.Argv[0] == "ip6tables" {
		at = "ipv6 " + at
	}
	rule := system.Command(c.Argv[6:]...).String()
	first, is := f.Objects[entry(at)]
	if policy, ok := f.Objects[entry(at+" policy")]; ok {
		first = policy
	}
	_, has := f.Objects[entry(at+" "+rule)]
	switch c.Argv[4] {
	case "-S":
		if !is {
			return system.Output{Code: 1}
		}
		return system.Output{Stdout: []byte(listed(f, at, first.(there).Is))}
	case "-C":
		return checked(f, c, is, has)
	case "-N":
		f.Objects[entry(at)] = there{"-N " + c.Argv[5]}
	case "-X":
		delete(f.Objects, entry(at))
	case "-P":
		f.Objects[entry(at+" policy")] = there{"-P " + c.Argv[5] + " " + rule}
	case "-F":
		f.Objects[entry(at+" all")] = there{"gone"}
	case "-A":
		if slices.Contains(c.Argv, "NONE") {
			return system.Output{Code: 2, Stderr: []byte("no such chain")}
		}
		f.Objects[entry(at+" "+rule)] = there{}
	case "-I":
		f.Objects[entry(at+" "+system.Command(c.Argv[7:]...).String())] = there{}
	case "-D":
		delete(f.Objects, entry(at+" "+rule))
	}
	return system.Output{}
}

func listed(f *systemtest.Fake, at, first string) string {
	out := []string{first}
	_, gone := f.Objects[entry(at+" all")]
	for k := range f.Objects {
		if !gone && strings.HasPrefix(k.Name, at+" -") {
			out = append(out, "-A "+k.Name)
		}
	}
	return strings.Join(out, "\n")
}

func checked(f *systemtest.Fake, c system.Cmd, is, has bool) system.Output {
	jump := slices.Index(c.Argv, "-j")
	switch {
	case slices.Contains(c.Argv, "nosuchmatch"):
		return systemtest.Fails(2, "unknown match")(f, c)
	case slices.Contains(c.Argv, "refused"):
		return systemtest.Fails(4, "Permission denied")(f, c)
	case !is || jump > 0 && c.Argv[jump+1] == "NONE":
		return systemtest.Fails(2, "no such chain")(f, c)
	case has:
		return system.Output{}
	}
	return system.Output{Code: 1}
}

func filtered() *systemtest.Fake {
	f := systemtest.New()
	f.Commands["iptables"], f.Commands["ip6tables"] = iptables, iptables
	f.Objects[entry("filter/INPUT")] = there{"-P INPUT ACCEPT"}
	f.Objects[entry("filter/OURS")] = there{"-N OURS"}
	f.Objects[entry("ipv6 filter/FORWARD")] = there{"-P FORWARD ACCEPT"}
	f.Objects[entry("filter/INPUT -p tcp --dport 22 -j ACCEPT")] = there{}
	return f
}

func rule(action change.Action, target string) change.Change {
	return change.Change{Action: action, Kind: "iptables rule", Target: target}
}

func chain(action change.Action, target string, before, after *change.Value) change.Change {
	return change.Change{Action: action, Kind: "iptables chain", Target: target, Before: before, After: after}
}

func TestIptables(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, Iptables)
	has := func(keys ...string) moduletest.Then {
		then := moduletest.Then{Objects: map[system.Key]system.Object{}}
		for _, k := range keys {
			then.Objects[entry(k)] = there{}
		}
		return then
	}
	one := func(c change.Change) []change.Change { return []change.Change{c} }
	everything := module.Args{"chain": "INPUT", "protocol": "tcp", "source": "! 10.0.0.0/8", "destination": "10.1.1.1", "in_interface": "eth0", "match": []any{"tcp"}, "destination_ports": []any{"80", "443"}, "ctstate": []any{"NEW"}, "comment": "a b", "jump": "REJECT", "reject_with": "tcp-reset"}
	const all = "-p tcp '!' -s 10.0.0.0/8 -d 10.1.1.1 -i eth0 -m tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -m comment --comment 'a b' -j REJECT --reject-with tcp-reset"
	moduletest.Run(t, Iptables, []moduletest.Case{
		{Name: "a rule", Host: filtered, Args: module.Args{"chain": "INPUT", "protocol": "udp", "destination_port": 53, "jump": "ACCEPT"}, Want: one(rule(change.Create, "filter/INPUT: -p udp --dport 53 -j ACCEPT")),
			Then: moduletest.Then{Ran: []string{"iptables -w -t filter -A INPUT -p udp --dport 53 -j ACCEPT"}}},
		{Name: "all there is", Host: filtered, Args: everything, Want: one(rule(change.Create, "filter/INPUT: "+all)), Then: has("filter/INPUT " + all)},
		{Name: "a rule before others", Host: filtered, Args: module.Args{"chain": "INPUT", "action": "insert", "rule_num": 2, "jump": "OURS"}, Want: one(rule(change.Create, "filter/INPUT: -j OURS")), Then: moduletest.Then{Ran: []string{"iptables -w -t filter -I INPUT 2 -j OURS"}}},
		{Name: "a rule that is there", Host: filtered, Args: module.Args{"chain": "INPUT", "protocol": "tcp", "destination_port": "22", "jump": "ACCEPT"}},
		{Name: "a rule that goes", Host: filtered, Args: module.Args{"chain": "INPUT", "protocol": "tcp", "destination_port": "22", "jump": "ACCEPT", "state": "absent"}, Want: one(rule(change.Delete, "filter/INPUT: -p tcp --dport 22 -j ACCEPT"))},
		{Name: "a rule that is gone", Host: filtered, Args: module.Args{"chain": "INPUT", "jump": "DROP", "state": "absent"}},
		{Name: "gone with its chain", Host: filtered, Args: module.Args{"chain": "NONE", "jump": "DROP", "state": "absent"}},
		{Name: "gone with the program", Args: module.Args{"chain": "INPUT", "jump": "DROP", "state": "absent"}},
		{Name: "no program", Args: module.Args{"chain": "INPUT", "jump": "DROP"}, Err: "iptables"},
		{Name: "a chain with a rule", Host: filtered, Args: module.Args{"chain": "NEW", "chain_management": true, "jump": "DROP"}, Want: []change.Change{chain(change.Create, "filter/NEW", nil, nil), rule(change.Create, "filter/NEW: -j DROP")}, Then: has("filter/NEW -j DROP")},
		{Name: "a rule without its chain", Host: filtered, Args: module.Args{"chain": "NEW", "jump": "DROP"}, Err: "put a rule into filter/NEW: there is no such chain; set chain_management: true"},
		{Name: "a jump to nowhere", Host: filtered, Args: module.Args{"chain": "INPUT", "jump": "NONE"}, Want: one(rule(change.Create, "filter/INPUT: -j NONE")), Err: "no such chain"},
		{Name: "a chain", Host: filtered, Args: module.Args{"chain": "NEW", "chain_management": true}, Want: one(chain(change.Create, "filter/NEW", nil, nil))},
		{Name: "a chain that is there", Host: filtered, Args: module.Args{"chain": "OURS", "chain_management": true}},
		{Name: "a chain that goes", Host: filtered, Args: module.Args{"chain": "OURS", "chain_management": true, "state": "absent"}, Want: []change.Change{chain(change.Update, "filter/OURS", nil, change.Attrs("rules", "none")), chain(change.Delete, "filter/OURS", nil, nil)}},
		{Name: "a chain of the table's", Host: filtered, Args: module.Args{"chain": "INPUT", "chain_management": true}, Err: "it is one of the table's own"},
		{Name: "a policy", Host: filtered, Args: module.Args{"chain": "FORWARD", "ip_version": "ipv6", "policy": "DROP"}, Want: one(chain(change.Update, "ipv6 filter/FORWARD", change.Attrs("policy", "ACCEPT"), change.Attrs("policy", "DROP"))), Then: moduletest.Then{Ran: []string{"ip6tables -w -t filter -P FORWARD DROP"}}},
		{Name: "a policy that is so", Host: filtered, Args: module.Args{"chain": "INPUT", "policy": "ACCEPT"}},
		{Name: "a policy of ours", Host: filtered, Args: module.Args{"chain": "OURS", "policy": "DROP"}, Err: "only a table's own chains have one"},
		{Name: "nothing left", Host: filtered, Args: module.Args{"chain": "INPUT", "flush": true}, Want: one(chain(change.Update, "filter/INPUT", change.Attrs("rules", "1"), change.Attrs("rules", "none")))},
		{Name: "nothing to flush", Host: filtered, Args: module.Args{"chain": "OURS", "flush": true}},
		{Name: "no rule", Host: filtered, Args: module.Args{"chain": "INPUT"}, Err: "its jump, are missing"},
		{Name: "no chain", Host: filtered, Args: module.Args{"chain": "-j x", "jump": "DROP"}, Err: "no name of a chain"},
		{Name: "ports of no protocol", Host: filtered, Args: module.Args{"chain": "INPUT", "destination_port": "1", "jump": "DROP"}, Err: "set protocol"},
		{Name: "no number", Host: filtered, Args: module.Args{"chain": "INPUT", "rule_num": 0, "jump": "DROP"}, Err: "rule_num 0"},
		{Name: "no target", Host: filtered, Args: module.Args{"chain": "INPUT", "to_ports": "1"}, Err: "jump is missing"},
		{Name: "an unknown word", Host: filtered, Args: module.Args{"chain": "INPUT", "match": []any{"nosuchmatch"}, "jump": "DROP"}, Err: "unknown match"},
		{Name: "not allowed", Host: filtered, Args: module.Args{"chain": "INPUT", "match": []any{"refused"}, "jump": "DROP"}, Err: "Permission denied"},
	})
}

// TestRulesOfANewChainAreCertain has a check know that a chain which it would make
// has no rules yet.
func TestRulesOfANewChainAreCertain(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(filtered()))
	for i, args := range []module.Args{
		{"chain": "NEW", "chain_management": true}, {"chain": "NEW", "protocol": "tcp", "jump": "ACCEPT"}, {"chain": "NEW", "jump": "DROP"}, {"chain": "INPUT", "jump": "NEW"},
	} {
		o.Task("")
		p, err := Iptables.Plan(t.Context(), system.ReadOnly(o), args)
		if err != nil || len(p.Steps) != 1 || !p.Steps[0].Certain {
			t.Fatalf("%d: %+v, %v", i, p, err)
		}
		if _, err := p.Predict(t.Context(), o); err != nil {
			t.Error(err)
		}
	}
}
