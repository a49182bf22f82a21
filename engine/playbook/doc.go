// Package playbook is the syntax tree of playbooks, tasks and roles, and its
// loading with static checks. It knows no hosts' state and evaluates nothing: a
// value that holds a template is a *template.Text (or a list or map with such
// leaves), evaluated by the engine at use.
//
// # Decisions
//
// Keywords that a task inherits are merged when it is loaded, so that the engine
// never climbs a tree. What imports bring (import_tasks, import_role,
// import_playbook, roles) is in the tree; what includes bring is loaded when a
// host comes to it, with the keywords in force there.
package playbook
