package object

import (
	"bytes"
	"maps"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/system"
)

// Normal is o without what the API server alone writes, so that two states of one
// object differ if and only if somebody would say so.
func (o Object) Normal() Object {
	meta, _ := o.At("metadata").(map[string]any)
	meta = maps.Clone(meta)
	for _, k := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"} {
		delete(meta, k)
	}
	if notes, ok := meta["annotations"].(map[string]any); ok {
		notes = maps.Clone(notes)
		// It repeats the object, secrets too.
		delete(notes, "kubectl.kubernetes.io/last-applied-configuration")
		if meta["annotations"] = notes; len(notes) == 0 {
			delete(meta, "annotations")
		}
	}
	out := o.with("metadata", meta)
	delete(out.Fields, "status")
	return out
}

// Equal reports whether a and b are the same but for what the API server writes.
func Equal(a, b Object) bool {
	return bytes.Equal(Encode(a.Normal().Fields), Encode(b.Normal().Fields))
}

// Value is o as a change shows it.
func (o Object) Value() *change.Value { return o.shown("********", nil) }

// Diff is two states of one object as a change shows them: what is secret is
// masked, but still seen to differ.
func Diff(before, after Object) (was, is *change.Value) {
	return before.shown("********", &after), after.shown("******** (changed)", &before)
}

// shown masks the values of a Secret that differ from those of other by mask.
func (o Object) shown(mask string, other *Object) *change.Value {
	if o.Hidden || other != nil && other.Hidden {
		return &change.Value{Secret: true}
	}
	n := o.Normal()
	if id := o.ID(); id.Kind == "Secret" && id.Group() == "" {
		for _, field := range []string{"data", "stringData"} {
			if m, ok := n.At(field).(map[string]any); ok {
				n = n.with(field, masked(m, mask, other, field))
			}
		}
	}
	text := []byte(YAML(n.Fields))
	return (&change.Value{}).WithText(text, system.Sum(text))
}

func masked(m map[string]any, mask string, other *Object, field string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if out[k] = "********"; other != nil && other.At(field, k) != v {
			out[k] = mask
		}
	}
	return out
}
