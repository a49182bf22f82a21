package playbook

import (
	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
)

// Node is a *Task, a *Block or an *Include.
type Node interface{ node() }

// Task applies one module with one set of arguments. Handlers are Tasks too.
type Task struct {
	diag.Pos
	Name     any    // text; "" if it has none
	Module   string // canonical name, without ansible.builtin.
	Spec     *module.Spec
	Args     Args
	Keywords // with all that is inherited
	Loop     *Loop
	Retry    *Retry
	Register string
	// ChangedWhen and FailedWhen judge the result; nil leaves it alone.
	ChangedWhen, FailedWhen []Cond
	Notify                  []any    // handler names or topics
	Listen                  []string // of a handler: further topics
	Role                    *Role    // the role it stands in, nil outside roles
	Search                  []string // folders where its files and templates are looked for, first first; see Files
}

// Args are the arguments as written: values that may hold templates, and the
// place of each.
type Args struct {
	Values map[string]any
	At     map[string]diag.Pos
}

// Block groups nodes with rescue and always sections. A role is a Block too.
type Block struct {
	diag.Pos
	Name                  any
	Tasks, Rescue, Always []Node
	// Enter, if not nil, makes this block a role's: it runs once per host and play
	// for equal parameters unless the role allows duplicates.
	Enter *Role
	// Use is what the tasks of a role's block inherit from the use of the role. It is
	// part of every task's Keywords as well.
	Use Keywords
}

// Include is include_tasks, include_role or include_vars: its content is found
// when a host comes to it.
type Include struct {
	*Task             // the including task: its Args, Loop, Keywords and Role
	Kind  IncludeKind // what is included
	Apply Keywords    // of `apply:`, for what is included
	// Around is what is included inherits: the keywords of the play and of the
	// blocks around the include, but not the include's own.
	Around Keywords
	Public bool // include_role: the role's vars stay visible in the play
}

// IncludeKind is what an Include brings.
type IncludeKind int

// The kinds of include.
const (
	IncludeTasks IncludeKind = iota
	IncludeRole
	IncludeVars
)

// Cond is a condition: a bool, or a pipeline without braces as text.
type Cond struct {
	diag.Pos
	Bool *bool
	Text string
}

// Retry repeats a task until it succeeds.
type Retry struct {
	Until   []Cond // none means until the task does not fail
	Retries any    // further attempts; 3 if not set
	Delay   any    // seconds; 5 if not set
}

func (*Task) node()    {}
func (*Block) node()   {}
func (*Include) node() {}
