// Package engine runs plays: it is the only package that sees both a playbook
// and a session. It decides nothing about what a module does.
//
// # The way of a task
//
//	playbook/load   YAML to a *playbook.Task, checked, with its place
//	engine (walk)   which hosts run it next, and what their failures mean
//	engine (attempt) when, loop, until, on one host
//	prepare         templates to values, controller files to contents
//	fleet, session  one request, one round trip
//	runner          module.Plan on the host, then Apply: to the host or its overlay
//	engine (judge)  changed, failed, register; then an event for the reporters
//
// # Decisions
//
// A section is walked with a set of hosts, and every node gives the hosts that go
// on. The linear strategy walks with a whole batch, the free strategy walks once
// per host with that host alone: there is no other difference, and no iterator
// with a state to keep.
//
// Two contexts: when the soft one is done no new task begins, when the hard one
// is done running tasks are cancelled too.
package engine
