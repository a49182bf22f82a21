// Package inventory holds hosts and groups: it loads them from Ansible's YAML,
// INI, JSON and executable inventories with their group_vars and host_vars, and
// tells which hosts a pattern means and how a host is reached.
//
// It does not know plays, tasks or connections, and evaluates no template: what
// becomes of text that may be one is for Options.Hooks to say.
//
// # Decisions
//
// Where Ansible guesses or only warns, a load fails with a place and a way out:
// an unknown key in a group, a file that is no inventory, a range that runs
// backwards. All problems of a load are told at once.
//
// A port that is written with a host counts where the host has none yet, not only
// at its first mention, and {} in JSON is an empty group, not a host of that name.
// Of group_vars/x and group_vars/x.yml only the first is read, as in Ansible, but
// with a warning.
//
// What an executable inventory prints is data, never a template: names and tags
// in it come from machines that others may control.
//
// The order of hosts is Ansible's: breadth first through the group tree. Where
// Ansible leaves the order to chance (cousins), it is the order of the files.
package inventory

import (
	"maps"
	"slices"

	"github.com/gokube/gokube/engine/diag"
)

// Names of the groups that every inventory has.
const (
	All       = "all"       // every host
	Ungrouped = "ungrouped" // the hosts that are in no other group
)

// Var is the value of a variable and where it was set. Value is map[string]any,
// []any, string (or what Options.Hooks made of it), int, float64, bool or nil.
type Var struct {
	Value any
	Pos   diag.Pos
}

// Vars are variables by name.
type Vars map[string]Var

// Host is one machine gokube can reach. It is not to be changed after Load.
type Host struct {
	Name     string
	Pos      diag.Pos // where it is first mentioned
	Source   string   // the inventory file that mentions it first; "" if no file does
	Groups   []*Group // all it is in, with their ancestors, by depth, priority and name: the later one's variables win
	Vars     Vars     // from inventory files
	Implicit bool     // localhost, which no inventory mentions

	direct []*Group
	in     map[string]bool
}

// In tells whether h is in the group of that name or in a descendant of it.
func (h *Host) In(group string) bool { return h.in[group] }

// GroupNames are the names of h's groups save "all", sorted.
func (h *Host) GroupNames() []string {
	names := make([]string, 0, len(h.Groups))
	for _, g := range h.Groups {
		if g.Name != All {
			names = append(names, g.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Group is a named set of hosts. It is not to be changed after Load.
type Group struct {
	Name     string
	Pos      diag.Pos // where it is first mentioned
	Parents  []*Group
	Children []*Group
	Direct   []*Host // those it names itself
	Hosts    []*Host // those and its descendants', breadth first, each once
	Vars     Vars    // from inventory files
	Depth    int     // the longest way from "all"
	Priority int     // ansible_group_priority, by default 1

	edges    map[*Group]diag.Pos // where a child is first named
	declared bool                // as something with hosts or children, not only with variables
	implied  bool                // by other groups
}

// Inventory is all hosts and groups. It is safe for concurrent use and never
// changes.
type Inventory struct {
	hosts    map[string]*Host
	met      []*Host // in the order in which they are first mentioned
	groups   map[string]*Group
	ordered  []*Group
	local    map[string]*Host // by the names of this machine
	beside   []*varsDir       // inventories; the later wins
	playbook *varsDir         // nil without one
	options  Options
	warnings diag.List
}

// Hosts are all hosts in the order of the group "all", without an implicit
// localhost. The slice is not to be changed.
func (in *Inventory) Hosts() []*Host { return in.groups[All].Hosts }

// Host finds a host by name. localhost, 127.0.0.1 and ::1 are found even if no
// inventory mentions them: then they are the one of these that is mentioned, or
// an implicit host that is reached without SSH and that no group contains.
func (in *Inventory) Host(name string) (*Host, bool) {
	if h, ok := in.hosts[name]; ok {
		return h, true
	}
	h, ok := in.local[name]
	return h, ok
}

// Lookup is the host of that name as Host finds it; for any other name it is a
// host that only the group "all" speaks of, such as one that a task is delegated
// to.
func (in *Inventory) Lookup(name string) *Host {
	if h, ok := in.Host(name); ok {
		return h
	}
	return &Host{Name: name, Groups: in.ordered[:1:1]}
}

// Groups are all groups in the order in which they are first mentioned, "all"
// and "ungrouped" first. The slice is not to be changed.
func (in *Inventory) Groups() []*Group { return in.ordered }

// Group finds a group by name.
func (in *Inventory) Group(name string) (*Group, bool) {
	g, ok := in.groups[name]
	return g, ok
}

// Warnings are what is odd about the inventory, but no error.
func (in *Inventory) Warnings() diag.List { return slices.Clone(in.warnings) }

// Names are the names of all hosts in the order of the group "all".
func (in *Inventory) Names() []string { return Selection{Hosts: in.Hosts()}.Names() }

// mentioned are the names of all groups and hosts, for suggestions.
func (in *Inventory) mentioned() []string {
	return slices.Concat(slices.Collect(maps.Keys(in.groups)), slices.Collect(maps.Keys(in.hosts)))
}
