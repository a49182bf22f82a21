// Package event is the stream a run emits; reporters consume it. It knows
// nothing of how a run is made or shown.
package event

import (
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/diag"
)

// Event is one of the types in this file.
type Event interface{ event() }

// Reporter renders events. Report is called from one goroutine at a time, in
// the order in which things happened; it must not keep the event's slices.
type Reporter interface{ Report(Event) }

// RunStart opens the stream.
type RunStart struct {
	Check, Diff bool
	Version     string
}

// PlayStart opens a play, or one batch of it.
type PlayStart struct {
	Play  string
	Pos   diag.Pos
	Hosts []string // of this batch
	Batch int      // from 1
	Of    int      // batches
	Tasks int      // tasks known beforehand, for progress
}

// TaskStart opens a task. ID is unique in the run; a task that is started again
// (a handler flushed twice, another batch) has another ID.
type TaskStart struct {
	ID      int
	Play    string
	Role    string // "" outside roles
	Task    string
	Module  string
	Pos     diag.Pos
	Handler bool
	Hosts   int // that will run it, 0 if that is not known yet
}

// HostStart says that a host has begun a task.
type HostStart struct {
	ID   int
	Host string
}

// Planned carries a host's changes of an opaque step before it happens.
type Planned struct {
	ID      int
	Host    string
	Changes []change.Change
}

// Done is a host's final word on a task, or on one item of its loop.
type Done struct {
	ID     int
	Host   string
	Item   string // label of the loop item, if Loop
	Loop   bool
	Status Status
	// Ignored says that a failure does not count (ignore_errors), Rescued that a
	// rescue section takes it.
	Ignored, Rescued bool
	Why              string          // of Unknown: what it depends on; of Skipped: the condition that was false
	Note             string          // why there was nothing to do
	Next             string          // what a person may type once the run is over; not in a check
	Message          string          // what the task says: debug, assert, fail; control characters not yet removed
	Changes          []change.Change // done, or in a check predicted
	Err              *Failure        // of Failed and Unreachable
	Delegate         string          // the host that did it, if another
	Elapsed          time.Duration
	Trips            int    // round trips to the host
	Bug              string // how the module broke its contract, if the run verifies
	Hidden           bool   // no_log: nothing but Status may be shown
	Output           map[string]any
}

// Failure is an error with everything an operator needs to find it.
type Failure struct {
	Host, Task, Module string
	Pos                diag.Pos
	Text               string // verb + object + cause, one line
	Hint               string // the way out, if there is one
	Stdout, Stderr     string // of a command that failed
	Code               int
}

// Error is the one line an operator sees.
func (f *Failure) Error() string {
	s := f.Host + ": task " + quote(f.Task)
	if f.Pos != (diag.Pos{}) {
		s += " (" + f.Pos.String() + ")"
	}
	if f.Module != "" {
		s += ": " + f.Module
	}
	return s + ": " + f.Text
}

func quote(s string) string { return `"` + s + `"` }

// Retry says that an attempt did not end as `until` wants and there is another.
type Retry struct {
	ID      int
	Host    string
	Attempt int
	Left    int
}

// HostState says that a connection was made or lost.
type HostState struct {
	Host  string
	State string // "connecting", "connected", "lost", "reconnected"
	Text  string
}

// Warning is something to know that stops nothing.
type Warning struct {
	Pos  diag.Pos
	Text string
}

// RunEnd closes the stream.
type RunEnd struct {
	Hosts       []Recap // in inventory order
	Elapsed     time.Duration
	Interrupted bool
	Verified    bool // --verify was on
	Bugs        []string
	Next        []string // what a person may type now, each once
}

// Recap is what came of one host.
type Recap struct {
	Host string
	Counts
	Connect time.Duration // until the runner answered
}

// Counts are tasks by outcome; OK includes Changed and Ignored. Predicted or done
// changes are counted by action; Possible are those that may happen.
type Counts struct {
	OK, Changed, Unreachable, Failed, Skipped, Rescued, Ignored, Unknown int
	Changes                                                              map[change.Action]int
	Possible                                                             int
}

// Status is how a task ended on a host.
type Status string

// The ways a task ends. Unknown is a check's only: it may change something.
const (
	OK          Status = "ok"
	Changed     Status = "changed"
	Skipped     Status = "skipped"
	Failed      Status = "failed"
	Unreachable Status = "unreachable"
	Unknown     Status = "unknown"
)

func (RunStart) event()  {}
func (PlayStart) event() {}
func (TaskStart) event() {}
func (HostStart) event() {}
func (Planned) event()   {}
func (Done) event()      {}
func (Retry) event()     {}
func (HostState) event() {}
func (Warning) event()   {}
func (RunEnd) event()    {}
