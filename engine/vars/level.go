// Package vars is the scopes of variables and their order of precedence, and
// reads variables from files and the command line. It does not evaluate
// templates, and knows no plays or tasks: others say which layers a task sees.
//
// # Decisions
//
// A view is a stack of layers, looked through from the top; nothing is merged
// when it is made, so that a view of one task on one host costs a slice of
// pointers. A value of a higher layer replaces that of a lower one as a whole,
// maps included, as in Ansible.
//
// A file that is encrypted as a whole holds secrets only: every string in it is
// a secret, and so is all text made of its templates.
package vars

import "fmt"

// Level is where variables come from; the higher one wins. The numbers are those
// of Ansible's documentation.
type Level int

// The levels.
const (
	RoleDefaults          Level = 2 + iota
	InventoryFileGroups         // groups in inventory files and scripts
	InventoryGroupVarsAll       // group_vars/all beside an inventory
	PlaybookGroupVarsAll        // group_vars/all beside the playbook
	InventoryGroupVars          // group_vars/* beside an inventory
	PlaybookGroupVars           // group_vars/* beside the playbook
	InventoryFileHosts          // hosts in inventory files and scripts
	InventoryHostVars           // host_vars/* beside an inventory
	PlaybookHostVars            // host_vars/* beside the playbook
	Facts                       // what hosts say of themselves, and cached set_fact
	PlayVars                    // vars of the play
	PlayPrompts                 // vars_prompt
	PlayFiles                   // vars_files
	RoleVars                    // vars/ of roles
	BlockVars                   // vars of blocks
	TaskVars                    // vars of the task
	IncludedVars                // include_vars
	SetFacts                    // set_fact and register
	RoleParams                  // what a role is called with
	IncludeParams               // vars of include_tasks and include_role
	ExtraVars                   // --extra-vars
	Magic                       // what gokube itself sets: inventory_hostname, groups, item
)

// String says in words where variables of the level come from.
func (l Level) String() string {
	if l < RoleDefaults || l > Magic {
		return fmt.Sprintf("level %d", int(l))
	}
	names := [...]string{
		"role defaults", "inventory file group vars", "inventory group_vars/all", "playbook group_vars/all", "inventory group_vars", "playbook group_vars",
		"inventory file host vars", "inventory host_vars", "playbook host_vars", "facts", "play vars", "vars_prompt", "vars_files", "role vars", "block vars",
		"task vars", "include_vars", "set_fact and register", "role params", "include params", "extra vars", "magic variables",
	}
	return names[l-RoleDefaults]
}
