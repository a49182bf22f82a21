// Package module defines what a gokube module is and how one is declared.
//
// A module looks at a host and says what it would change (a Plan); only the
// engine applies plans. The package knows no connection, playbook or template:
// arguments come templated, and what a controller must bring along (files,
// rendered templates, conditions) comes as values of the types in values.go.
//
// # What is not known yet
//
// A task with an unknown argument is not planned. An argument that the plan does not
// depend on is a Late: the plan is made without it, and is certain. A step hands it to
// a command by its Feed, which a check does not call, or to a file by Late.Content,
// which a check does not open; so the overlay believes what the step declares whether
// the text is known or not. In a run an unknown Late is an error that says what it
// depends on.
//
// # Decisions
//
// One struct is the only source of a module's arguments: decoding, checking,
// documentation, schema and completion derive from its fields, at most four tags
// (arg, default, enum, target) and its comments.
package module

import (
	"context"
	"reflect"

	"github.com/gokube/gokube/engine/system"
)

// Module is one idempotent unit of work, such as "file" or "package". It holds
// no state and is safe for concurrent use.
type Module interface {
	Spec() *Spec
	// Plan compares the host with args and returns the steps that would make
	// them agree. No steps means the host already agrees.
	Plan(ctx context.Context, r system.Reader, args Args) (*Plan, error)
}

// Args are a task's arguments after templating, before decoding.
type Args map[string]any

// Spec is the declarative half of a module: everything the docs, the loader and
// the JSON schema need. Args is filled in by Define.
type Spec struct {
	Name    string
	Summary string // one line, no full stop
	// Example is a YAML list of tasks. A test parses and plans it.
	Example string
	Where   Where
	// FreeForm names the argument that a task given as a plain string fills:
	// `command: ls /` is `command: {cmd: "ls /"}`. Other modules take a plain
	// string as k=v pairs.
	FreeForm string
	// Contained promises that a task changes nothing but what its arguments name
	// as targets; moduletest holds it to that.
	Contained bool
	// SourceFiles are the paths below a Source of another host that the module wants
	// to know of, as far as they are there; nil means all.
	SourceFiles []string
	// OneOf lists sets of arguments of which at least one must be given, and
	// Exclusive sets of which at most one may be.
	OneOf, Exclusive [][]string
	// Output documents the keys that register stores, beside changed, failed,
	// skipped and msg: name, then what it is.
	Output []Doc
	Args   *Schema
}

// Doc is one documented name.
type Doc struct{ Name, Text string }

// Where says which side of the connection runs the module.
type Where int

// The places a module can run.
const (
	OnHost       Where = iota // in the host's runner
	OnController              // in the controller; the Reader and System tell and do nothing
	OnShell                   // on a host without a runner: System has only Run and Capture
	AtController              // in the runner of the controller's own machine, as who started gokube: what changes is there
)

// Define declares a module whose arguments are the struct that P points to. The
// parameter is the pointer, for all pointers share one instance of a generic
// function: one for each struct would be a fiftieth of the runner.
func Define[P any](spec Spec, plan func(context.Context, system.Reader, P) (*Plan, error)) Module {
	return define(spec, reflect.TypeFor[P]().Elem(), func(ctx context.Context, r system.Reader, args any) (*Plan, error) {
		return plan(ctx, r, args.(P)) //nolint:forcetypeassert // it was made of that type
	})
}

// defined is a module with no more of its arguments' type than must be: there are
// many such types, and what is written for each is written as often.
type defined struct {
	spec Spec
	plan func(ctx context.Context, r system.Reader, args any) (*Plan, error)
}

func define(spec Spec, args reflect.Type, plan func(context.Context, system.Reader, any) (*Plan, error)) Module {
	spec.Args = schemaOf(args)
	return &defined{spec, plan}
}

// Spec is the one given to Define, with Args derived.
func (d *defined) Spec() *Spec { return &d.spec }

// Plan decodes args and plans. Arguments that do not fit are an *ArgError.
func (d *defined) Plan(ctx context.Context, r system.Reader, args Args) (*Plan, error) {
	if p := d.spec.Check(args, nil); len(p) > 0 {
		return nil, &p[0]
	}
	a := reflect.New(d.spec.Args.Type).Interface()
	if err := d.spec.Args.decode(args, a); err != nil {
		return nil, err
	}
	return d.plan(ctx, r, a)
}
