package api

import (
	"context"
	"fmt"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// patched plans the patches of objects that are there.
func (a *KubectlArgs) patched(ctx context.Context, r system.Reader, p *module.Plan, s *set) (err error) {
	if a.Kind != "" && a.Patch == nil {
		return fmt.Errorf("patch %s %s: the patch is missing", a.Kind, a.Name)
	}
	if s.live, err = s.look(ctx, r, s.objects); err != nil {
		return err
	}
	for _, o := range s.objects {
		if err := a.patchOne(ctx, r, p, s, o); err != nil {
			return err
		}
	}
	if a.waits(false) {
		return s.await(ctx, r, p, s.objects, false)
	}
	return nil
}

func (a *KubectlArgs) patchOne(ctx context.Context, r system.Reader, p *module.Plan, s *set, o object.Object) error {
	id := o.ID()
	body, hidden, how := a.body(o)
	o.Hidden = hidden
	args := []string{"patch", id.Resource(), id.Name, "--type", how, "--patch-file", "/dev/stdin", "--field-manager", a.FieldManager}
	if id.Namespace != "" {
		args = append(args, "-n", id.Namespace)
	}
	c := change.Change{Action: change.Update, Kind: id.Kind, Target: id.Target(), After: change.Attrs("content", change.Later)}
	if hidden {
		c.After = &change.Value{Secret: true}
	}
	if s.state == client.Fresh {
		c.Doubt = client.ComesWithIt
	}
	if was, ok := object.Find(s.live, id); s.state == client.Live {
		if !ok {
			return fmt.Errorf("patch %s: it is not there", id)
		}
		is, err := s.Patched(ctx, r, id, body, args...)
		if err != nil {
			return err
		}
		if object.Equal(was, is) {
			return nil
		}
		is.Hidden = hidden
		c.Before, c.After = object.Diff(was, is)
	}
	s.changed = append(s.changed, o)
	p.Add(c, func(ctx context.Context, sys system.System) error {
		return s.Run(ctx, sys, touched([]object.Object{o}), body, args...)
	}).Certain = s.state == client.Live
	return nil
}

// body is the patch for o, and how it is merged.
func (a *KubectlArgs) body(o object.Object) (body []byte, hidden bool, how string) {
	patch, how := any(o.Fields), a.PatchType
	if a.Patch != nil {
		patch, hidden = object.Reveal(a.Patch)
	}
	if _, list := patch.([]any); list {
		return object.Encode(patch), hidden, "json"
	}
	if how == "auto" {
		if how = "merge"; o.ID().BuiltIn() {
			how = "strategic"
		}
	}
	return object.Encode(patch), hidden || o.Hidden, how
}
