// Package api holds the modules that change objects of a cluster through its API:
// kubectl and cni_apply. They share one way to make a set of objects so (set). The
// package knows no kubeadm, and no host but the one that reaches the API.
//
// # Decisions
//
// What is there is asked for, and what would become of it is asked of the API
// server by a dry run: it alone knows its defaults. Both are compared without what
// the server writes, so that there is a step if and only if somebody would see a
// difference. What is not there is shown as it was written, which is all that a
// check of bare hosts can know, and what a run then does.
//
// There is a step for each object, so that changes are counted and shown one by
// one, but a single command for a set: its first step runs it.
package api
