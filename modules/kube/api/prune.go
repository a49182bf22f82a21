package api

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// inventory is the object that remembers what s holds.
func (s *set) inventory() object.Object {
	var lines []string
	for _, o := range s.objects {
		id := o.ID()
		lines = append(lines, id.APIVersion+" "+id.Kind+" "+id.Target())
	}
	slices.Sort(lines)
	id := s.memory()
	o := id.Object()
	o.Fields["metadata"] = map[string]any{"name": id.Name, "namespace": id.Namespace, "labels": map[string]any{"app.kubernetes.io/managed-by": "gokube"}}
	o.Fields["data"] = map[string]any{"objects": strings.Join(lines, "\n") + "\n"}
	return o
}

// memory is what the inventory is called.
func (s *set) memory() object.ID {
	return object.ID{APIVersion: "v1", Kind: "ConfigMap", Namespace: s.namespace, Name: "gokube-set-" + s.name}
}

// remembered are the objects of an inventory.
func remembered(inventory object.Object) (out []object.Object) {
	for line := range strings.Lines(inventory.Text("data", "objects")) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		id := object.ID{APIVersion: words[0], Kind: words[1], Name: words[2]}
		if ns, name, ok := strings.Cut(id.Name, "/"); ok {
			id.Namespace, id.Name = ns, name
		}
		out = append(out, id.Object())
	}
	return out
}

// spent reports whether o was applied, did its work and removed itself: it is wanted
// again only with something else that changes.
func (s *set) spent(o object.Object) bool {
	if !o.Vanishes() {
		return false
	}
	if _, there := object.Find(s.live, o.ID()); there {
		return false
	}
	known, _ := object.Find(s.live, s.memory())
	_, was := object.Find(remembered(known), o.ID())
	return was
}

// forgotten are the objects that are there, were applied under s's name, and are no
// longer in s.
func (s *set) forgotten(ctx context.Context, r system.Reader) ([]object.Object, error) {
	if s.name == "" {
		return nil, nil
	}
	known, ok := object.Find(s.live, s.memory())
	if !ok {
		return nil, nil
	}
	old := slices.DeleteFunc(remembered(known), func(o object.Object) bool {
		_, still := object.Find(s.objects, o.ID())
		return still || o.ID().Lasting()
	})
	if len(old) == 0 {
		return nil, nil
	}
	found, err := s.Objects(ctx, r, old)
	if _, unsure := unknown.Of(err); unsure {
		return old, nil
	}
	return found, err
}

// remove plans that s's objects go, and with a name all that was applied under it.
func (s *set) remove(ctx context.Context, r system.Reader, p *module.Plan) error {
	if s.state == client.Fresh {
		s.delete(p, slices.DeleteFunc(slices.Clone(s.objects), func(o object.Object) bool { return !s.Begun(r, o.ID()) }))
		return nil
	}
	all, err := s.known(ctx, r)
	if err != nil {
		return err
	}
	found, err := s.look(ctx, r, all)
	if err != nil {
		return err
	}
	if s.state == client.Unsure {
		found = all
	}
	slices.Reverse(found) // what was made last goes first
	s.delete(p, found)
	return nil
}

// known are s's objects, before them what remembers them if s has a name, and after
// them what it remembers besides.
func (s *set) known(ctx context.Context, r system.Reader) ([]object.Object, error) {
	if s.name == "" {
		return s.objects, nil
	}
	all, err := s.look(ctx, r, []object.Object{s.memory().Object()})
	if err != nil || len(all) == 0 {
		return s.objects, err
	}
	more := slices.DeleteFunc(remembered(all[0]), func(o object.Object) bool {
		_, twice := object.Find(s.objects, o.ID())
		return twice || o.ID().Lasting()
	})
	return append(append(all, s.objects...), more...), nil
}

// delete adds a step for each of objects that is not going already, and the command
// that deletes them to the first; and a wait for those that are.
func (s *set) delete(p *module.Plan, objects []object.Object) {
	var going, left []object.Object
	for _, o := range objects {
		if o.Ending() {
			going = append(going, o)
		} else {
			left = append(left, o)
		}
	}
	for i, o := range left {
		id := o.ID()
		c := change.Change{Action: change.Delete, Kind: id.Kind, Target: id.Target()}
		if s.state == client.Live {
			c.Before = o.Value()
		}
		do := func(context.Context, system.System) error { return nil }
		if i == 0 {
			args := []string{"delete", "--ignore-not-found", "--wait=" + strconv.FormatBool(s.waiting.waits(true)), "--timeout=" + s.waiting.timeout().String(), "-f", "-"}
			do = func(ctx context.Context, sys system.System) error {
				return s.Run(ctx, sys, touched(left), object.JSON(named(left)), args...)
			}
		}
		p.Add(c, do).Certain = s.state != client.Unsure
	}
	if len(going) > 0 && s.waiting.waits(true) {
		p.Add(change.Change{Action: change.Wait, Kind: "end of objects", Target: names(going)}, func(ctx context.Context, sys system.System) error { return s.gone(ctx, sys, going) })
	}
}

// gone waits until objects that are going are gone.
func (s *set) gone(ctx context.Context, sys system.System, objects []object.Object) error {
	return s.Run(ctx, sys, touched(objects), object.JSON(named(objects)), "wait", "--for=delete", "--timeout="+s.waiting.timeout().String(), "-f", "-")
}

// named are objects with nothing but their names.
func named(objects []object.Object) (out []object.Object) {
	for _, o := range objects {
		out = append(out, o.ID().Object())
	}
	return out
}
