package module

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// Plan is the answer to "what would this task do here?".
type Plan struct {
	Steps []Step
	// Output is what register stores. Its shape is known when the plan is made;
	// a leaf that a step will fill in is Pending until then.
	Output map[string]any
	Note   string // why there is nothing to do, when that is not obvious
	Next   string // what a person may type next, once all of this is done
	// Reconnect, if set, has the engine wait for the host after the steps.
	Reconnect *Reconnect
	// Facts asks for the host's facts to be gathered anew.
	Facts bool
	blind *unknown.Value
}

// Pending is a leaf of an Output that only a step can fill in.
type Pending struct{}

// Reconnect says how to wait for a host that goes away.
type Reconnect struct {
	Timeout time.Duration // for the whole wait
	Delay   time.Duration // before the first try
	// NewBoot waits until the host's boot id is another than before.
	NewBoot bool
}

// Step pairs a predicted change with the only code that can bring it about.
type Step struct {
	change.Change
	// Certain says that the step is taken whatever the answers that were unknown
	// to Plan turn out to be. The engine shows the others as possible only.
	Certain bool
	// Do applies the step. One command to a step: it ends at an unknown answer.
	Do func(ctx context.Context, s system.System) error
}

// Add appends a step that applies c by do.
func (p *Plan) Add(c change.Change, do func(ctx context.Context, s system.System) error) *Step {
	p.Steps = append(p.Steps, Step{Change: c, Do: do})
	return &p.Steps[len(p.Steps)-1]
}

// Changes are the changes of p's steps, in order.
func (p *Plan) Changes() (out []change.Change) {
	for _, s := range p.Steps {
		out = append(out, s.Change)
	}
	return out
}

// Predict is Apply to an overlay, where nobody waits.
func (p *Plan) Predict(ctx context.Context, s system.System) (done int, err error) {
	for i := range p.Steps {
		if p.Steps[i].Action == change.Wait {
			p.Steps[i].Do = func(context.Context, system.System) error { return nil }
		}
	}
	return p.Apply(ctx, s)
}

// Apply runs the steps in order and stops at the first failure; done says how
// many were taken. It is the one place in gokube where a plan becomes an effect,
// on a host or on an overlay. A step that ends in an unknown has done all that
// can be known of it.
func (p *Plan) Apply(ctx context.Context, s system.System) (done int, err error) {
	for i, st := range p.Steps {
		err := st.Do(ctx, s)
		if _, ok := unknown.Of(err); err != nil && !ok {
			return i, st.explain(err)
		}
		if late := (tooLate{}); p.blind == nil && errors.As(err, &late) {
			p.blind = &late.Value
		}
	}
	return len(p.Steps), nil
}

// Blind is the unknown that an applied step read itself and ended in, before it had
// told what it brings about; ok is false if there was none.
func (p *Plan) Blind() (why unknown.Value, ok bool) {
	if p.blind == nil {
		return why, false
	}
	return *p.blind, true
}

// explain says which step err ended; a command's own failure names it already.
func (st *Step) explain(err error) error {
	var exit *system.ExitError
	if st.Action == change.Run && st.Kind == "command" && errors.As(err, &exit) {
		return err
	}
	return fmt.Errorf("%s %s %s: %w", st.Action, st.Kind, st.Target, err)
}
