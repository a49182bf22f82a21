package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// set is objects that are made so, or removed, together.
type set struct {
	client.Client
	state     client.State
	objects   []object.Object
	live      []object.Object // those of objects that are there
	name      string          // under which they are remembered, "" if they are not
	namespace string          // where they are remembered
	manager   string
	force     bool
	waiting   Waiting
	ending    []object.Object // those that were there, and are on their way out
	changed   []object.Object // what apply plans to change
}

// look asks for what is there of objects; if nobody knows, state becomes so.
func (s *set) look(ctx context.Context, r system.Reader, objects []object.Object) ([]object.Object, error) {
	if s.state != client.Live {
		return nil, nil
	}
	found, err := s.Objects(ctx, r, objects)
	if _, unsure := unknown.Of(err); unsure {
		s.state = client.Unsure
		return nil, nil
	}
	return found, err
}

// survey asks what is there of s's objects, of what is remembered of them, and of
// more.
func (s *set) survey(ctx context.Context, r system.Reader, more ...object.Object) (err error) {
	s.objects = firstThingsFirst(s.objects)
	if s.name != "" {
		more = append(more, s.memory().Object())
	}
	if s.live, err = s.look(ctx, r, slices.Concat(s.objects, more)); err != nil || s.name == "" || s.state != client.Unsure {
		s.depart()
		return err
	}
	// What is to be pruned can only be said by the inventory itself.
	s.live, err = s.Objects(ctx, r, []object.Object{s.memory().Object()})
	return err
}

// depart takes objects that are on their way out, and what is in a namespace that
// is, for gone: they cannot be changed any more, only made anew when that has
// happened.
func (s *set) depart() {
	var stay []object.Object
	for _, o := range s.live {
		if _, mine := object.Find(s.objects, o.ID()); mine && (o.Ending() || s.doomed(o.ID().Namespace)) {
			s.ending = append(s.ending, o)
		} else {
			stay = append(stay, o)
		}
	}
	s.live = stay
}

// doomed reports whether the namespace is on its way out.
func (s *set) doomed(namespace string) bool {
	return slices.ContainsFunc(s.live, func(o object.Object) bool {
		return o.ID().Kind == "Namespace" && o.ID().Name == namespace && o.Ending()
	})
}

// apply plans what is to be applied, and what is to be pruned, after survey.
func (s *set) apply(ctx context.Context, r system.Reader, p *module.Plan) error {
	old, err := s.forgotten(ctx, r)
	if err != nil {
		return err
	}
	now, then := s.objects, []object.Object(nil)
	switch {
	case s.name != "" && len(old) > 0:
		then = []object.Object{s.inventory()} // what is to go is forgotten when it is gone
	case s.name != "":
		now = append(slices.Clone(now), s.inventory())
	}
	if err := s.steps(ctx, r, p, now); err != nil {
		return err
	}
	s.delete(p, old)
	return s.steps(ctx, r, p, then)
}

// steps adds a step for each of objects that is not so, and the commands that make
// them so to the first.
func (s *set) steps(ctx context.Context, r system.Reader, p *module.Plan, objects []object.Object) error {
	there, err := s.expected(ctx, r, objects)
	if err != nil {
		return err
	}
	var steps []module.Step
	var todo []object.Object
	for _, o := range objects {
		c, differs := s.change(r, o, there)
		if !differs {
			continue
		}
		certain := s.state == client.Live || s.state == client.Fresh && c.Doubt == ""
		steps, todo = append(steps, module.Step{Change: c, Certain: certain}), append(todo, o)
	}
	if !slices.ContainsFunc(todo, func(o object.Object) bool { return !s.spent(o) }) {
		return nil
	}
	s.changed = append(s.changed, todo...)
	for i, part := range s.phases(todo) {
		for j := range part.objects {
			step := steps[part.from+j]
			step.Do = func(context.Context, system.System) error { return nil }
			if j == 0 {
				step.Do = s.run(part.objects, i > 0)
			}
			p.Steps = append(p.Steps, step)
		}
	}
	return nil
}

// change is what becomes of o, if it does not stay as it is; there is what those
// that are there would become.
func (s *set) change(r system.Reader, o object.Object, there []object.Object) (c change.Change, differs bool) {
	id := o.ID()
	c = change.Change{Action: change.Create, Kind: id.Kind, Target: id.Target(), After: o.Value()}
	switch {
	case s.state == client.Unsure, s.state == client.Fresh && (id.FirstMade() || s.Begun(r, id)):
		if !o.Hidden {
			c.After = change.Attrs("content", change.Later)
		}
		if s.state == client.Fresh {
			c.Doubt = client.ComesWithIt
		}
		return c, true
	}
	was, ok := object.Find(s.live, id)
	if !ok {
		return c, true
	}
	is, ok := object.Find(there, id)
	if !ok {
		is = o
	}
	if object.Equal(was, is) {
		return c, false
	}
	is.Hidden = o.Hidden
	c.Action = change.Update
	c.Before, c.After = object.Diff(was, is)
	return c, true
}

// expected is what those of objects that are there would become, as the API server
// says.
func (s *set) expected(ctx context.Context, r system.Reader, objects []object.Object) ([]object.Object, error) {
	var there []object.Object
	for _, o := range objects {
		if _, ok := object.Find(s.live, o.ID()); ok {
			there = append(there, o)
		}
	}
	return s.DryRun(ctx, r, there, s.options()...)
}

func (s *set) options() []string {
	out := []string{"--server-side", "--field-manager", s.manager}
	if s.force {
		out = append(out, "--force-conflicts")
	}
	return out
}

// phase is objects that one command applies; from is where they begin among all.
type phase struct {
	from    int
	objects []object.Object
}

// phases takes definitions of kinds, and what comes before them, apart from the rest,
// which may be of these kinds.
func (s *set) phases(todo []object.Object) []phase {
	n := 0
	for i, o := range todo {
		if o.ID().Kind == "CustomResourceDefinition" {
			n = i + 1
		}
	}
	switch {
	case len(todo) == 0:
		return nil
	case n == 0 || n == len(todo):
		return []phase{{0, todo}}
	}
	return []phase{{0, todo[:n]}, {n, todo[n:]}}
}

// run applies objects, after the kinds that the step before has defined are there.
func (s *set) run(objects []object.Object, after bool) func(ctx context.Context, sys system.System) error {
	return func(ctx context.Context, sys system.System) error {
		if len(s.ending) > 0 && !after {
			if err := s.gone(ctx, sys, s.ending); err != nil {
				return fmt.Errorf("wait for what is on its way out: %w", err)
			}
		}
		if after {
			defined := slices.DeleteFunc(slices.Clone(s.objects), func(o object.Object) bool { return o.ID().Kind != "CustomResourceDefinition" })
			if err := s.Run(ctx, sys, nil, object.JSON(defined), "wait", "--for=condition=Established", "--timeout=60s", "-f", "-"); err != nil {
				return fmt.Errorf("wait for new kinds: %w", err)
			}
		}
		err := s.Run(ctx, sys, touched(objects), object.JSON(objects), slices.Concat([]string{"apply"}, s.options(), []string{"-f", "-"})...)
		if err != nil && len(objects) > 1 {
			return fmt.Errorf("apply this and %d objects more: %w", len(objects)-1, err)
		}
		return err
	}
}

// touched are the keys that a command that changes objects declares.
func touched(objects []object.Object) []system.Key {
	out := []system.Key{client.Anything()}
	for _, o := range objects {
		out = append(out, o.ID().Key())
	}
	return out
}

// firstThingsFirst is objects with namespaces, and then definitions of kinds, before
// the others.
func firstThingsFirst(objects []object.Object) (out []object.Object) {
	const space, crd = "Namespace", "CustomResourceDefinition"
	for _, of := range []string{space, crd, ""} {
		for _, o := range objects {
			if kind := o.ID().Kind; kind == of || of == "" && kind != space && kind != crd {
				out = append(out, o)
			}
		}
	}
	return out
}
