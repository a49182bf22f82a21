package network

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// IptablesArgs are the arguments of the iptables module.
type IptablesArgs struct {
	// Table is the table of the chain.
	Table string `arg:"table" enum:"filter|nat|mangle|raw|security" default:"filter"`
	// Chain is one of the table's, or one of our own.
	Chain string `arg:"chain,required"`
	// ChainManagement makes the chain if it is not there, or, for state absent and if
	// no rule is given, removes it with its rules.
	ChainManagement bool `arg:"chain_management"`
	// State is whether the rule, or the chain, is there.
	State string `arg:"state" enum:"present|absent" default:"present"`
	// Action is where a new rule is put: at the end, or at rule_num. A rule that is
	// there already stays where it is.
	Action string `arg:"action" enum:"append|insert" default:"append"`
	// RuleNum is the number that an inserted rule gets; 1 is the first.
	RuleNum int `arg:"rule_num" default:"1"`
	// IPVersion is whose packets the rule is about.
	IPVersion string `arg:"ip_version" enum:"ipv4|ipv6" default:"ipv4"`
	// Flush removes all rules of the chain.
	Flush bool `arg:"flush"`
	// Policy is what becomes of packets that no rule of one of the table's own chains
	// decides.
	Policy string `arg:"policy" enum:"ACCEPT|DROP"`
	IptablesMatch
	IptablesTarget
}

// Iptables keeps a rule or a chain of the packet filter.
var Iptables = module.Define(module.Spec{
	Name: "iptables", Summary: "Keep a rule or a chain of the host's packet filter, until it restarts",
	Exclusive: [][]string{{"jump", "goto", "flush", "policy"}},
	Example: `- name: have a chain of our own, which is asked for each new connection
  iptables: {chain: GOKUBE, chain_management: true}
- iptables: {chain: INPUT, action: insert, ctstate: [NEW], jump: GOKUBE}
- name: let only the other control planes in to etcd
  iptables:
    chain: GOKUBE
    protocol: tcp
    source: 10.0.0.0/24
    destination_ports: ["2379", "2380"]
    jump: ACCEPT
    comment: etcd
- iptables: {table: nat, chain: POSTROUTING, source: 10.244.0.0/16, jump: MASQUERADE}
`,
}, planIptables)

func planIptables(ctx context.Context, r system.Reader, a *IptablesArgs) (*module.Plan, error) {
	rule, err := a.rule()
	if err != nil {
		return nil, err
	}
	f := &filter{args: a, plan: &module.Plan{}, rule: rule}
	switch {
	case a.Flush:
		err = f.flush(ctx, r)
	case a.Policy != "":
		err = f.policy(ctx, r)
	case len(rule) > 0:
		err = f.one(ctx, r)
	case a.ChainManagement:
		err = f.chain(ctx, r)
	default:
		err = errors.New("keep a rule: what it matches, and its jump, are missing")
	}
	return f.plan, err
}

// filter is the packet filter being planned.
type filter struct {
	args *IptablesArgs
	plan *module.Plan
	rule []string
}

// cmd is the program with these words.
func (f *filter) cmd(words ...string) system.Cmd {
	program := "iptables"
	if f.args.IPVersion == "ipv6" {
		program = "ip6tables"
	}
	return system.Command(append([]string{program, "-w", "-t", f.args.Table}, words...)...)
}

// at is the place of a chain, for people and as the name of what is predicted.
func (f *filter) at(chain string) string {
	p := f.args.Table + "/" + chain
	if f.args.IPVersion == "ipv6" {
		p = "ipv6 " + p
	}
	return p
}

// The keys say what an answer depends on: a chain is there or not, what its policy
// is, whether all its rules are gone, and of each rule by itself.
func (f *filter) key(chain, what string) system.Key {
	return system.Key{Kind: "iptables", Name: strings.TrimSpace(f.at(chain) + " " + what)}
}

func (f *filter) ruleText() string { return system.Command(f.rule...).String() }

// builtIn reports whether a name is none of a chain of ours.
func builtIn(name string) bool {
	own := []string{"INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"}
	targets := []string{"ACCEPT", "DROP", "RETURN", "QUEUE", "REJECT", "LOG", "MASQUERADE", "DNAT", "SNAT", "REDIRECT", "MARK", "CONNMARK", "NOTRACK", "CT", "TPROXY", "NFQUEUE", "NFLOG", "TCPMSS", "SET", "TRACE", "NETMAP", "CLASSIFY", "DSCP"}
	return slices.Contains(own, name) || slices.Contains(targets, name)
}

// list is what -S says of a chain. One that is not there is fs.ErrNotExist.
func (f *filter) list(ctx context.Context, r system.Reader, chain string, reads ...system.Key) (string, error) {
	c := f.cmd("-S", chain)
	reads = append(reads, f.key(chain, ""))
	c.Reads = reads
	out, err := r.Query(ctx, c)
	switch {
	case err != nil:
		return "", err
	case out.Code == 1 || out.Code == 2:
		return "", system.NotExist(f.key(chain, ""))
	}
	return out.Text(), out.Err(c)
}

// step plans a call of the program.
func (f *filter) step(c change.Change, certain bool, touched system.Key, words ...string) {
	cmd, e := f.cmd(words...), system.Closed(system.Vague(touched))
	f.plan.Add(c, func(ctx context.Context, s system.System) error { return s.Run(ctx, cmd, e) }).Certain = certain
}

// chain plans a chain that is there, or is not.
func (f *filter) chain(ctx context.Context, r system.Reader) error {
	name := f.args.Chain
	if builtIn(name) {
		return fmt.Errorf("manage chain %s: it is one of the table's own", f.at(name))
	}
	_, err := f.list(ctx, r, name)
	c := change.Change{Kind: "iptables chain", Target: f.at(name)}
	switch absent, unsure := errors.Is(err, fs.ErrNotExist), vague(err); {
	case err != nil && !absent && !unsure:
		return err
	case f.args.State == "present" && err != nil:
		c.Action = change.Create
		f.step(c, !unsure, f.key(name, ""), "-N", name)
	case f.args.State == "absent" && !absent:
		c.Action = change.Delete
		f.step(change.Change{Action: change.Update, Kind: "iptables chain", Target: f.at(name), After: change.Attrs("rules", "none")}, !unsure, f.key(name, "all"), "-F", name)
		f.step(c, !unsure, f.key(name, ""), "-X", name)
	}
	return nil
}

// flush plans that no rule is left in a chain.
func (f *filter) flush(ctx context.Context, r system.Reader) error {
	name := f.args.Chain
	text, err := f.list(ctx, r, name, f.key(name, "all"))
	if err != nil && !vague(err) {
		return err
	}
	n := strings.Count("\n"+text, "\n-A ")
	if err == nil && n == 0 {
		return nil
	}
	c := change.Change{Action: change.Update, Kind: "iptables chain", Target: f.at(name), After: change.Attrs("rules", "none")}
	if err == nil {
		c.Before = change.Attrs("rules", strconv.Itoa(n))
	}
	f.step(c, err == nil, f.key(name, "all"), "-F", name)
	return nil
}

// policy plans the policy of a chain.
func (f *filter) policy(ctx context.Context, r system.Reader) error {
	name, want := f.args.Chain, f.args.Policy
	text, err := f.list(ctx, r, name, f.key(name, "policy"))
	if err != nil && !vague(err) {
		return err
	}
	if err == nil && !strings.HasPrefix(text, "-P ") {
		return fmt.Errorf("set policy of %s: only a table's own chains have one", f.at(name))
	}
	old, _, _ := strings.Cut(strings.TrimPrefix(text, "-P "+name+" "), "\n")
	if old == want {
		return nil
	}
	c := change.Change{Action: change.Update, Kind: "iptables chain", Target: f.at(name), After: change.Attrs("policy", want)}
	if err == nil {
		c.Before = change.Attrs("policy", old)
	}
	f.step(c, err == nil, f.key(name, "policy"), "-P", name, want)
	return nil
}

// one plans a single rule.
func (f *filter) one(ctx context.Context, r system.Reader) error {
	a := f.args
	there, err := f.has(ctx, r)
	if err != nil && !system.Absent(err) {
		return err
	}
	unsure := vague(err)
	if err == nil && there == (a.State == "present") || errors.Is(err, fs.ErrNotExist) && a.State == "absent" {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return err // there is no such program
	}
	c := change.Change{Action: change.Create, Kind: "iptables rule", Target: f.at(a.Chain) + ": " + f.ruleText()}
	words := []string{"-A", a.Chain}
	switch {
	case a.State == "absent":
		c.Action, words[0] = change.Delete, "-D"
	case a.Action == "insert":
		words = []string{"-I", a.Chain, strconv.Itoa(a.RuleNum)}
	}
	if a.State == "present" {
		if err := f.home(ctx, r); err != nil {
			return err
		}
	}
	f.step(c, !unsure, f.key(a.Chain, f.ruleText()), append(words, f.rule...)...)
	return nil
}

// home is where a new rule goes: a chain that is there, or is made.
func (f *filter) home(ctx context.Context, r system.Reader) error {
	name := f.args.Chain
	if builtIn(name) {
		return nil
	}
	if f.args.ChainManagement {
		return f.chain(ctx, r)
	}
	_, err := f.list(ctx, r, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("put a rule into %s: there is no such chain; set chain_management: true to have it made", f.at(name))
	case vague(err):
		return nil
	}
	return err
}

// has reports whether the rule is there.
func (f *filter) has(ctx context.Context, r system.Reader) (bool, error) {
	a := f.args
	c := f.cmd(append([]string{"-C", a.Chain}, f.rule...)...)
	c.Reads = []system.Key{f.key(a.Chain, f.ruleText()), f.key(a.Chain, "all")}
	out, err := r.Query(ctx, c)
	switch {
	case err != nil || out.Code <= 1:
		return out.Code == 0, err
	case out.Code != 2:
		return false, out.Err(c)
	}
	// The same code is for a chain that is not there, which then has no rule, and for
	// words that the program does not know.
	for _, chain := range []string{a.Chain, a.Jump, a.Goto} {
		if chain == "" || builtIn(chain) {
			continue
		}
		if _, err := f.list(ctx, r, chain); system.Absent(err) {
			return false, nil
		}
	}
	return false, out.Err(c)
}
