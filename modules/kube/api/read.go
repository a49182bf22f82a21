package api

import (
	"context"
	"errors"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// read puts the objects that are asked for into the output. What an earlier task of
// a check makes is waited for by a run, and known then.
func (a *KubectlArgs) read(ctx context.Context, r system.Reader, p *module.Plan) error {
	if a.Kind == "" {
		return errors.New("state get wants a kind, and maybe a name")
	}
	c := a.Client()
	state, err := c.State(r)
	if err != nil {
		return err
	}
	p.Output = map[string]any{"resources": module.Pending{}}
	if state == client.Live {
		err = a.fill(ctx, r, p)
	}
	if _, unsure := unknown.Of(err); err != nil && !unsure {
		return err
	}
	if err != nil || state != client.Live {
		p.Add(change.Change{Action: change.Wait, Kind: "objects", Target: strings.TrimSpace(a.Kind + " " + a.Name)}, func(ctx context.Context, s system.System) error { return a.fill(ctx, s, p) })
	}
	return nil
}

// fill asks for the objects.
func (a *KubectlArgs) fill(ctx context.Context, r system.Reader, p *module.Plan) error {
	version := a.APIVersion
	if version == "" {
		version = object.Version(a.Kind)
	}
	id := object.ID{APIVersion: version, Kind: a.Kind, Namespace: a.Namespace, Name: a.Name}
	args, reads := []string{id.Resource()}, []system.Key{client.Anything()}
	if a.Name != "" {
		args, reads = append(args, a.Name), []system.Key{id.Key()}
	}
	switch {
	case a.Namespace != "":
		args = append(args, "-n", a.Namespace)
	case a.Name == "":
		args = append(args, "-A")
	}
	if len(a.LabelSelectors) > 0 {
		args = append(args, "-l", strings.Join(a.LabelSelectors, ","))
	}
	if len(a.FieldSelectors) > 0 {
		args = append(args, "--field-selector", strings.Join(a.FieldSelectors, ","))
	}
	found, err := a.Client().Listed(ctx, r, reads, args...)
	if err != nil {
		return err
	}
	list := []any{}
	for _, o := range found {
		list = append(list, o.Plain())
	}
	p.Output["resources"] = list
	return nil
}
