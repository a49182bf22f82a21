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

import (
	"context"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/event"
	"github.com/gokube/gokube/engine/fleet"
	"github.com/gokube/gokube/engine/inventory"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/engine/prepare"
	"github.com/gokube/gokube/engine/schedule"
	"github.com/gokube/gokube/engine/scope"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/vars"
	"github.com/gokube/gokube/engine/wire"
)

// Options are how a run is made; the zero Options run everything for real.
type Options struct {
	Check, Diff, Verify bool
	Forks               int      // hosts at once; 0 means DefaultForks
	Tags, Skip          []string // --tags and --skip-tags
	Limit               []string // host names a play may touch; nil means all
	ForceHandlers       bool
	Extra               map[string]any // extra vars, marked
	Prompt              func(p playbook.Prompt) (string, error)
	Connect             Connect // what the command line says of connections and become
	Version             string
}

// Connect is what the command line says of connections: the lowest precedence,
// save the passwords, which beat variables.
type Connect struct {
	User, PrivateKey         string
	Password, BecomePassword secret.String
	Become                   bool
	BecomeUser, BecomeMethod string
	HostKeys                 inventory.HostKeys
	Timeout                  time.Duration
	Kind                     inventory.Kind
}

// DefaultForks is how many hosts run a task at once unless told otherwise.
const DefaultForks = 256

// Parts are what an Engine is made of. All are needed.
type Parts struct {
	Inventory *inventory.Inventory
	Loader    *load.Loader
	Files     playbook.Files
	Vars      *vars.Reader // of vars_files and include_vars
	Modules   []module.Module
	Fleet     Fleet
	Reporter  event.Reporter
}

// Fleet reaches hosts; *fleet.Fleet does it over connections. It is used by many
// goroutines at a time. A host that cannot be reached is an error of Kind Lost.
type Fleet interface {
	Do(ctx context.Context, t fleet.Target, req *wire.Request) *wire.Result
	Facts(ctx context.Context, t fleet.Target) (*system.Facts, *wire.Error)
	Shell(ctx context.Context, t fleet.Target) (system.System, *wire.Error)
	Await(ctx context.Context, t fleet.Target, w wire.Reconnect) *wire.Error
	Reset(name string)
}

// Engine runs playbooks against an inventory. It is made for one run.
type Engine struct {
	Parts
	Options
	modules    map[string]module.Module
	prepare    *prepare.Preparer
	mu         sync.Mutex // for hosts
	hosts      map[string]*host
	inventory  *inventory.Inventory // of the play being run: with the variables beside its playbook
	out        *event.Serial
	tally      *event.Tally
	conditions scope.Conditions
	ids        sequence
	workers    schedule.Workers
	hard       context.Context // done when even running tasks are to be cancelled
}

// New returns an Engine.
func New(p Parts, o Options) *Engine {
	if o.Forks <= 0 {
		o.Forks = DefaultForks
	}
	e := &Engine{Parts: p, Options: o, modules: map[string]module.Module{}, prepare: prepare.New(p.Files),
		hosts: map[string]*host{}, inventory: p.Inventory, tally: event.NewTally()}
	for _, m := range p.Modules {
		e.modules[m.Spec().Name] = m
	}
	e.out = event.NewSerial(event.Tee(e.tally, p.Reporter))
	return e
}

// Outcome is what came of a run; the command line makes an exit code of it.
type Outcome struct {
	Failed, Unreachable bool // some host
	Pending             bool // in a check: something would or may change
	Interrupted         bool
	Bugs                []string // contract breaches found by Verify
}

// Run plays pb. Once soft is done no new task begins; once hard is done running
// ones are cancelled. Hosts that failed are told by events and the Outcome; err is
// for what stops the whole run: a hosts pattern or variable of the play that
// cannot be evaluated, a prompt without an answer.
func (e *Engine) Run(soft, hard context.Context, pb *playbook.Playbook) (out Outcome, err error) {
	start := time.Now()
	e.hard = hard
	defer e.workers.Close()
	e.out.Report(event.RunStart{Check: e.Check, Diff: e.Diff, Version: e.Version})
	for _, p := range pb.Plays {
		var goOn bool
		if goOn, err = e.play(soft, p); err != nil || !goOn {
			break
		}
	}
	end := e.tally.End(e.Inventory.Names())
	end.Elapsed, end.Verified, end.Interrupted = time.Since(start), e.Verify, soft.Err() != nil
	e.out.Report(end)
	return e.outcome(end), err
}

func (e *Engine) outcome(end event.RunEnd) Outcome {
	out := Outcome{Interrupted: end.Interrupted, Bugs: end.Bugs}
	for _, h := range e.hosts {
		out.Failed = out.Failed || h.gone == failed
		out.Unreachable = out.Unreachable || h.gone == unreachable
	}
	for _, r := range end.Hosts {
		out.Pending = out.Pending || e.Check && (r.Changed > 0 || r.Unknown > 0)
	}
	return out
}

// each calls do for every host of hs, as many at once as allowed.
func (e *Engine) each(soft context.Context, hs []*host, do func(i int)) (begun int) {
	return e.workers.Each(soft, len(hs), e.Forks, do)
}
