package wire

import (
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// Become says as whom a task runs on the host; the zero Become is the user that
// logged in.
type Become struct {
	Method   string        // sudo, su or doas; "" means no change of user
	User     string        `json:",omitempty"`
	Exe      string        `json:",omitempty"` // the program, if it is not called like the method
	Flags    string        `json:",omitempty"`
	Password secret.String `json:",omitzero"`
}

// Request is one task for one host. Args are fully templated, with unknown
// leaves in a check.
type Request struct {
	ID     uint64 // unique in a session; assigned by it
	Task   string // its name, for messages
	Module string
	Args   map[string]any
	Maybe  string   `json:",omitempty"` // why the task may not run at all; only in a check
	Become Become   `json:",omitzero"`
	Env    []string `json:",omitempty"` // NAME=value for every command of the task
	// Secrets are texts to mask in the Result besides the secrets in Args.
	Secrets []secret.String `json:",omitempty"`
	// Check is the task's own check_mode: nil follows the session's. True in a run
	// predicts on an overlay of its own; false in a check applies to the host.
	Check   *bool         `json:",omitempty"`
	Timeout time.Duration `json:",omitempty"` // 0 is none
}

// Result is what came of a Request.
type Result struct {
	ID      uint64
	Changes []change.Change `json:",omitempty"` // predicted, before anything was applied
	Done    int             `json:",omitempty"` // how many of them were applied; in a check, to the overlay
	Output  map[string]any  // also of a failed task; in a check, leaves may be unknown
	Unknown *unknown.Value  `json:",omitempty"` // why not even the changes could be told
	Note    string          `json:",omitempty"` // why there was nothing to do
	Next    string          `json:",omitempty"` // what a person may type next; not in a check
	Err     *Error          `json:",omitempty"` // nil if the task succeeded
	// Bug says how the module broke its contract, if the session verifies.
	Bug       string        `json:",omitempty"`
	Reconnect *Reconnect    `json:",omitempty"`
	Facts     bool          `json:",omitempty"` // the host's facts may have changed
	Elapsed   time.Duration // on the host
}

// Reconnect says how to wait for a host that goes away after the task.
type Reconnect struct {
	Timeout, Delay time.Duration
	NewBoot        bool
}

// Error is a failure on a host. Decisions are made on Kind, never on Text.
type Error struct {
	Kind   Kind
	Text   string
	Stdout string `json:",omitempty"` // of a command that failed
	Stderr string `json:",omitempty"`
	Code   int    `json:",omitempty"` // exit code of a command that failed, else 0
	Hint   string `json:",omitempty"` // the way out, if there is one
}

// Kind classifies an Error.
type Kind string

// The kinds of failure on a host.
const (
	Failed    Kind = "failed"    // the module's own word
	BadArgs   Kind = "args"      // arguments that do not fit
	Command   Kind = "command"   // a command that ended with a code other than 0
	TimedOut  Kind = "timeout"   // the task's timeout passed
	Cancelled Kind = "cancelled" // the controller asked for it
	Crashed   Kind = "crashed"   // the module panicked: a bug
	NoBecome  Kind = "become"    // becoming the user was refused
	Lost      Kind = "lost"      // the connection or the runner is gone; the host is unreachable
)

// Error is the text.
func (e *Error) Error() string { return e.Text }
