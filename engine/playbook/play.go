package playbook

import "github.com/gokube/gokube/engine/diag"

// Playbook is a loaded playbook file with all that it imports.
type Playbook struct {
	File  string
	Plays []*Play
}

// Play binds a host pattern to the work to be done there.
type Play struct {
	diag.Pos
	Name     any // text; "" if it has none
	Hosts    any // a pattern, or a list of them
	Vars     map[string]any
	Files    []any // vars_files; an element that is a list means the first that exists
	Prompts  []Prompt
	Rollout  Rollout
	Facts    Facts
	Keywords // also merged into every task
	Sections
	Dir string // of the playbook file: where files, templates and group_vars lie
}

// Sections are a play's work in the order it runs. Handlers are flushed after
// Pre, after Roles and Tasks, and after Post.
type Sections struct {
	Pre, Roles, Tasks, Post []Node
	Handlers                []*Task // those of roles first, in the order of their roles, then the play's
	Used                    []*Role // every role of the play, in order: whose vars and defaults are in force
}

// Rollout says in which order, how many at once, and when to stop.
type Rollout struct {
	Serial        []any  // numbers or "N%"; none means all at once
	Strategy      string // linear or free
	Order         string // one of Orders
	MaxFail       any    // max_fail_percentage; nil means no limit
	ForceHandlers *bool
}

// Orders are the orders in which a play may take its hosts, the usual one first.
func Orders() []string {
	return []string{"inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle"}
}

// Facts says whether facts are gathered first; Gather nil means yes.
type Facts struct {
	Gather any
	Subset []any
}

// Prompt is one variable of vars_prompt.
type Prompt struct {
	diag.Pos
	Name, Text string
	Default    any
	Private    bool
	Confirm    bool
}
