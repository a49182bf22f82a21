// Package control holds the modules that look at variables and steer a play; most
// of them run on the controller. What meta and set_fact ask for, the engine does.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// Modules are the modules of this family.
func Modules() []module.Module {
	return []module.Module{Assert, Debug, Fail, Meta, Ping, SetFact, Setup, WaitForConnection}
}

// DebugArgs are the arguments of the debug module.
type DebugArgs struct {
	// Msg is what to show.
	Msg any `arg:"msg"`
	// Var is the name of a variable, or an expression, whose value is shown.
	Var module.Expression `arg:"var"`
}

// Debug shows a message or a variable.
var Debug = module.Define(module.Spec{
	Name: "debug", Summary: "Show a message or the value of a variable", Where: module.OnController, Contained: true,
	Exclusive: [][]string{{"msg", "var"}},
	Example:   "- debug: {msg: \"this is {{ .inventory_hostname }}\"}\n- debug: {var: facts.os}\n",
	Output:    []module.Doc{{Name: "msg", Text: "what was shown"}},
}, func(_ context.Context, _ system.Reader, a *DebugArgs) (*module.Plan, error) {
	switch {
	case a.Var.Text != "":
		return &module.Plan{Output: map[string]any{"msg": a.Var.Text + ": " + show(a.Var.Value), "value": a.Var.Value}}, nil
	case a.Msg == nil:
		return &module.Plan{Output: map[string]any{"msg": "Hello world!"}}, nil
	}
	return &module.Plan{Output: map[string]any{"msg": show(a.Msg)}}, nil
})

// show is x as people read it: a text as it is, all else as JSON.
func show(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case fmt.Stringer:
		return x.String()
	case error:
		return "(" + x.Error() + ")"
	}
	text, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return fmt.Sprint(x)
	}
	return string(text)
}

// FailArgs are the arguments of the fail module.
type FailArgs struct {
	// Msg says why.
	Msg string `arg:"msg" default:"failed as asked for by the task"`
}

// Fail fails.
var Fail = module.Define(module.Spec{
	Name: "fail", Summary: "Fail with a message", Where: module.OnController, Contained: true,
	Example: "- fail: {msg: \"this host has no network\"}\n  when: empty .facts.network.interfaces\n",
}, func(_ context.Context, _ system.Reader, a *FailArgs) (*module.Plan, error) {
	return nil, errors.New(a.Msg)
})

// AssertArgs are the arguments of the assert module.
type AssertArgs struct {
	// That is one condition, or a list of them, all of which must be true.
	That module.Conditions `arg:"that,required"`
	// FailMsg is what to say if one is not.
	FailMsg string `arg:"fail_msg,alias=msg"`
	// SuccessMsg is what to say if all are.
	SuccessMsg string `arg:"success_msg"`
	// Quiet leaves out the word for success.
	Quiet bool `arg:"quiet"`
}

// Assert fails unless conditions are true.
var Assert = module.Define(module.Spec{
	Name: "assert", Summary: "Fail unless conditions are true", Where: module.OnController, Contained: true,
	Example: "- assert:\n    that:\n      - ge .facts.memory.total_mb 1024\n      - eq .facts.init \"systemd\"\n    fail_msg: this host is too small\n",
	Output:  []module.Doc{{Name: "assertion", Text: "the condition that was false"}},
}, func(_ context.Context, _ system.Reader, a *AssertArgs) (*module.Plan, error) {
	for _, c := range a.That {
		if c.Holds {
			continue
		}
		if a.FailMsg != "" {
			return nil, fmt.Errorf("%s (%s is false)", a.FailMsg, c.Text)
		}
		return nil, fmt.Errorf("%s is false", c.Text)
	}
	if a.Quiet {
		return &module.Plan{}, nil
	}
	return &module.Plan{Output: map[string]any{"msg": a.SuccessMsg}}, nil
})

// SetFactArgs are the arguments of the set_fact module.
type SetFactArgs struct {
	// Cacheable is accepted and has no effect: nothing is cached between runs.
	Cacheable bool `arg:"cacheable"`
	// Facts are the variables, each an argument.
	Facts map[string]any `arg:"*"`
}

// SetFact sets variables of the host for the rest of the run.
var SetFact = module.Define(module.Spec{
	Name: "set_fact", Summary: "Set variables of the host for the rest of the run", Where: module.OnController, Contained: true,
	Example: "- set_fact:\n    api_port: 6443\n    first: \"{{ index .groups.kube_control_plane 0 }}\"\n",
	Output:  []module.Doc{{Name: "ansible_facts", Text: "the variables that were set"}},
}, func(_ context.Context, _ system.Reader, a *SetFactArgs) (*module.Plan, error) {
	return &module.Plan{Output: map[string]any{"ansible_facts": a.Facts}}, nil
})

// MetaArgs are the arguments of the meta module.
type MetaArgs struct {
	// Action is what the engine is to do.
	Action string `arg:"action,required" enum:"flush_handlers|end_play|end_batch|end_host|clear_facts|clear_host_errors|reset_connection|noop"`
}

// Meta steers the engine.
var Meta = module.Define(module.Spec{
	Name: "meta", Summary: "Steer the play: flush handlers, end it, forget facts", Where: module.OnController, Contained: true, FreeForm: "action",
	Example: "- meta: flush_handlers\n",
}, func(_ context.Context, _ system.Reader, a *MetaArgs) (*module.Plan, error) {
	return &module.Plan{Output: map[string]any{"action": a.Action}}, nil
})

// WaitForConnectionArgs are the arguments of the wait_for_connection module.
type WaitForConnectionArgs struct {
	// Timeout is how many seconds to wait at most.
	Timeout int `arg:"timeout" default:"600"`
	// Delay is how many seconds to wait before the first try.
	Delay int `arg:"delay"`
	// Sleep is accepted for Ansible's sake: tries are a second apart.
	Sleep int `arg:"sleep" default:"1"`
	// ConnectTimeout is accepted for Ansible's sake: see the host's ansible_ssh_timeout.
	ConnectTimeout int `arg:"connect_timeout" default:"5"`
}

// WaitForConnection waits until the host can be reached.
var WaitForConnection = module.Define(module.Spec{
	Name: "wait_for_connection", Summary: "Wait until the host can be reached", Where: module.OnController, Contained: true,
	Example: "- wait_for_connection: {timeout: 300}\n",
}, func(_ context.Context, _ system.Reader, a *WaitForConnectionArgs) (*module.Plan, error) {
	return &module.Plan{Reconnect: &module.Reconnect{Timeout: time.Duration(a.Timeout) * time.Second, Delay: time.Duration(a.Delay) * time.Second}}, nil
})
