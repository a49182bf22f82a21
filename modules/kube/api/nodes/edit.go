package nodes

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/kube/api/client"
	"github.com/gokube/gokube/modules/kube/api/object"
)

// edit is what changes in a node, as one patch.
type edit struct {
	*node
	labels, notes map[string]any // null removes
	spec          map[string]any
	taints        map[string][]object.Object // those that keys are to have
	before, after []change.Attr
	differs       bool
	sure          bool // that it is so on a node nobody has seen yet
}

func (e *edit) all() error {
	e.spec = map[string]any{}
	e.entries("label", "labels", e.args.Labels, e.labels)
	e.entries("annotation", "annotations", e.args.Annotations, e.notes)
	if err := e.tainted(); err != nil {
		return err
	}
	e.cordon()
	return nil
}

// add notes that the attribute name changes; "" is none.
func (e *edit) add(name, was, is string) {
	e.differs = true
	if was != "" {
		e.before = append(e.before, change.Attr{Name: name, Value: was})
	}
	if is != "" {
		e.after = append(e.after, change.Attr{Name: name, Value: is})
	}
}

// entries compares labels or annotations.
func (e *edit) entries(word, field string, want, to map[string]any) {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		have, has := e.is.At("metadata", field, k).(string)
		v := want[k]
		switch text := fmt.Sprint(v); {
		case v == nil && (has || e.unseen(k)):
			to[k] = nil
			e.add(word+" "+k, shown(have, has), "")
		case v != nil && (!has || have != text):
			to[k] = text
			e.add(word+" "+k, shown(have, has), shown(text, true))
		}
	}
}

// shown is a value that is there, which may be empty.
func shown(v string, there bool) string {
	if v == "" && there {
		return `""`
	}
	return v
}

// unseen reports whether a node that nobody has seen yet may have k, which is to go:
// kubeadm gives some.
func (e *edit) unseen(k string) bool {
	if e.state == client.Unsure {
		return true
	}
	if e.state != client.Fresh || !strings.Contains(k, "kubernetes.io/") {
		return false
	}
	e.sure = false
	return true
}

// cordon compares whether the node takes pods.
func (e *edit) cordon() {
	marked := e.is.Text("metadata", "annotations", Mark) != ""
	switch e.args.State {
	case "cordoned", "drained":
		if !e.cordoned() {
			e.spec["unschedulable"], e.notes[Mark] = true, "gokube"
			e.add("schedulable", "yes", "no")
		}
	case "uncordoned":
		switch {
		case e.cordoned() && e.ours(), e.state == client.Unsure:
			e.spec["unschedulable"], e.notes[Mark] = nil, nil
			e.add("schedulable", "no", "yes")
		case !e.cordoned() && marked:
			e.notes[Mark] = nil
			e.add("annotation "+Mark, e.is.Text("metadata", "annotations", Mark), "")
		}
	}
}

// tainted compares the taints of the keys that are named.
func (e *edit) tainted() error {
	want, err := taints(e.args.Taints)
	if err != nil {
		return err
	}
	have := byKey(e.is.List("spec", "taints"))
	e.taints = map[string][]object.Object{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		was, is := written(have[k]), written(want[k])
		if is == "" && was == "" && !e.unseen(k) || is == was && is != "" {
			continue
		}
		e.taints[k] = want[k]
		e.add("taint "+k, was, is)
	}
	return nil
}

// written are taints of one key as people write them.
func written(ts []object.Object) string {
	var out []string
	for _, t := range ts {
		out = append(out, strings.TrimPrefix(t.Text("value")+":"+t.Text("effect"), ":"))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func byKey(ts []object.Object) map[string][]object.Object {
	out := map[string][]object.Object{}
	for _, t := range ts {
		out[t.Text("key")] = append(out[t.Text("key")], t)
	}
	return out
}

// taints reads the argument of that name.
func taints(arg map[string]any) (map[string][]object.Object, error) {
	out := map[string][]object.Object{}
	for k, v := range arg {
		list, many := v.([]any)
		if !many && v != nil {
			list = []any{v}
		}
		out[k] = nil
		for _, x := range list {
			value, effect, ok := strings.Cut(fmt.Sprint(x), ":")
			if !ok {
				value, effect = "", value
			}
			if !slices.Contains([]string{"NoSchedule", "PreferNoSchedule", "NoExecute"}, effect) {
				return nil, fmt.Errorf("taint %s: %q is no effect; NoSchedule, PreferNoSchedule or NoExecute is wanted, maybe as value:NoSchedule", k, effect)
			}
			t := map[string]any{"key": k, "effect": effect}
			if value != "" {
				t["value"] = value
			}
			out[k] = append(out[k], object.Object{Fields: t})
		}
	}
	return out, nil
}

// apply patches the node. Taints are a list as a whole, which others change too, so
// it must be the one that was read.
func (e *edit) apply(ctx context.Context, s system.System) error {
	if len(e.taints) == 0 {
		return e.patch(ctx, s, e.body(nil))
	}
	if e.state == client.Live {
		found, err := e.c.Listed(ctx, s, []system.Key{e.key()}, "node", e.id.Name)
		if err == nil && len(found) == 1 {
			e.is = found[0]
		}
	}
	var err error
	for range 5 {
		if err = e.patch(ctx, s, e.body(e.merged())); !client.Conflict(err) {
			return err
		}
		found, lerr := e.c.Listed(ctx, s, nil, "node", e.id.Name)
		if lerr != nil || len(found) != 1 {
			return err
		}
		e.is = found[0]
	}
	return err
}

func (e *edit) patch(ctx context.Context, s system.System, body []byte) error {
	return e.run(ctx, s, nil, body, "patch", "node", e.id.Name, "--type", "merge", "--patch-file", "/dev/stdin", "--field-manager", "gokube")
}

// merged are the node's taints with those of the named keys replaced.
func (e *edit) merged() []any {
	out := []any{}
	for _, t := range e.is.List("spec", "taints") {
		if _, named := e.taints[t.Text("key")]; !named {
			out = append(out, t.Fields)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(e.taints)) {
		for _, t := range e.taints[k] {
			out = append(out, t.Fields)
		}
	}
	return out
}

// body is the patch; taints is nil if they stay.
func (e *edit) body(taints []any) []byte {
	meta, spec := map[string]any{}, maps.Clone(e.spec)
	if len(e.labels) > 0 {
		meta["labels"] = e.labels
	}
	if len(e.notes) > 0 {
		meta["annotations"] = e.notes
	}
	if taints != nil {
		spec["taints"] = taints
		if v := e.is.Text("metadata", "resourceVersion"); v != "" {
			meta["resourceVersion"] = v
		}
	}
	out := map[string]any{}
	if len(meta) > 0 {
		out["metadata"] = meta
	}
	if len(spec) > 0 {
		out["spec"] = spec
	}
	return object.Encode(out)
}
