// Package object is the objects of a Kubernetes API as a module handles them: as
// they are written in manifests and printed by kubectl, named, compared, shown and
// asked whether they are ready. It knows no command and no host.
//
// # Decisions
//
// Objects stay maps: typed ones would need the API's own code, which is larger than
// all of a runner, and could not hold what a later version adds.
//
// An object that holds a Secret of the playbook is shown to nobody as a whole: what
// the API server fills in around a secret could give it away.
package object

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

// Object is one object of the API. Hidden says that it holds a secret of the
// playbook.
type Object struct {
	Fields map[string]any
	Hidden bool
}

// ID is what an object is called in its cluster.
type ID struct{ APIVersion, Kind, Namespace, Name string }

// ID is what o is called.
func (o Object) ID() ID {
	return ID{o.Text("apiVersion"), o.Text("kind"), o.Text("metadata", "namespace"), o.Text("metadata", "name")}
}

// Group is the API group, "" for the core one.
func (id ID) Group() string {
	if group, _, ok := strings.Cut(id.APIVersion, "/"); ok {
		return group
	}
	return ""
}

// Target is id as a person names it beside its kind: namespace/name, or name.
func (id ID) Target() string {
	if id.Namespace == "" {
		return id.Name
	}
	return id.Namespace + "/" + id.Name
}

// String is id with its kind.
func (id ID) String() string { return id.Kind + " " + id.Target() }

// Key names the object among all that a check may predict.
func (id ID) Key() system.Key {
	if id.Kind == "Node" {
		return system.Key{Kind: "cluster", Name: "node/" + id.Name}
	}
	return system.Key{Kind: "cluster", Name: "object/" + id.Kind + "/" + id.Namespace + "/" + id.Name}
}

// Same reports whether id and other name one object, whatever version of the API
// they were written for.
func (id ID) Same(other ID) bool {
	return id.Kind == other.Kind && id.Group() == other.Group() && id.Namespace == other.Namespace && id.Name == other.Name
}

// At is what lies at the end of the path of keys, nil if nothing does.
func (o Object) At(path ...string) any {
	var v any = o.Fields
	for _, k := range path {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// Text is the text at the end of the path, "" if there is none.
func (o Object) Text(path ...string) string {
	s, _ := o.At(path...).(string)
	return s
}

// Int is the number at the end of the path, or otherwise.
func (o Object) Int(otherwise int64, path ...string) int64 {
	switch n := o.At(path...).(type) {
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return otherwise
}

// List is the list of maps at the end of the path; what is no map is left out.
func (o Object) List(path ...string) (out []Object) {
	list, _ := o.At(path...).([]any)
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, Object{m, o.Hidden})
		}
	}
	return out
}

// Condition is the condition of o's status that is of the type kind.
func (o Object) Condition(kind string) (c Object, ok bool) {
	for _, c := range o.List("status", "conditions") {
		if c.Text("type") == kind {
			return c, true
		}
	}
	return Object{}, false
}

// Parse reads the objects that kubectl printed: none, one, or a list.
func Parse(text []byte) ([]Object, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read objects that kubectl printed: %w", err)
	}
	o := Object{Fields: m}
	if strings.HasSuffix(o.Text("kind"), "List") && o.At("items") != nil {
		return o.List("items"), nil
	}
	return []Object{o}, nil
}

// JSON is objects as one list, for kubectl's standard input. Secrets are in it.
func JSON(objects []Object) []byte {
	items := make([]any, len(objects))
	for i, o := range objects {
		items[i] = o.Fields
	}
	return Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
}

// Encode is v, made of maps, lists and scalars, as JSON.
func Encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		return nil // such values always encode
	}
	return out
}

// Find is the object of all that id names.
func Find(all []Object, id ID) (Object, bool) {
	for _, o := range all {
		if o.ID().Same(id) {
			return o, true
		}
	}
	return Object{}, false
}

// Object is an object that is only named.
func (id ID) Object() Object {
	meta := map[string]any{"name": id.Name}
	if id.Namespace != "" {
		meta["namespace"] = id.Namespace
	}
	return Object{Fields: map[string]any{"apiVersion": id.APIVersion, "kind": id.Kind, "metadata": meta}}
}
