package object

import (
	"fmt"
	"maps"
	"strings"
)

// Read takes the objects of docs, lists of objects taken apart, in order. An object
// without a namespace is put into namespace, if objects of its kind are in one;
// empty documents are left out, and two of one name are an error.
func Read(docs []map[string]any, namespace string) (out []Object, err error) {
	for i, d := range docs {
		if len(d) == 0 {
			continue
		}
		plain, hidden := Reveal(d)
		o := Object{plain.(map[string]any), hidden}
		found := []Object{o}
		if strings.HasSuffix(o.Text("kind"), "List") && o.At("items") != nil {
			found = o.List("items")
		}
		for _, o := range found {
			if err := o.named(i); err != nil {
				return nil, err
			}
			out = append(out, o)
		}
	}
	place(out, namespace)
	return out, distinct(out)
}

// named is an error if nobody could tell which object o is.
func (o Object) named(doc int) error {
	id := o.ID()
	switch {
	case id.Kind == "":
		return fmt.Errorf("read document %d: it has no kind, so it is no object of Kubernetes", doc+1)
	case id.APIVersion == "":
		return fmt.Errorf("read document %d: a %s without apiVersion", doc+1, id.Kind)
	case id.Name == "" && o.Text("metadata", "generateName") != "":
		return fmt.Errorf("read document %d: a %s with generateName would be another object each time; give it a name", doc+1, id.Kind)
	case id.Name == "":
		return fmt.Errorf("read document %d: a %s without metadata.name", doc+1, id.Kind)
	}
	return nil
}

// place puts what has no namespace, and wants one, into namespace.
func place(all []Object, namespace string) {
	var crds []Object
	for _, o := range all {
		if o.ID().Kind == "CustomResourceDefinition" {
			crds = append(crds, o)
		}
	}
	for i, o := range all {
		id := o.ID()
		namespaced, known := id.scope(crds)
		switch {
		case known && !namespaced && id.Namespace != "":
			all[i] = o.in("")
		case known && namespaced && id.Namespace == "":
			all[i] = o.in(namespace)
		}
	}
}

// in is o in namespace.
func (o Object) in(namespace string) Object {
	meta, _ := o.At("metadata").(map[string]any)
	meta = maps.Clone(meta)
	if meta["namespace"] = namespace; namespace == "" {
		delete(meta, "namespace")
	}
	return o.with("metadata", meta)
}

// with is o with one of its outermost fields replaced.
func (o Object) with(field string, v any) Object {
	o.Fields = maps.Clone(o.Fields)
	o.Fields[field] = v
	return o
}

func distinct(all []Object) error {
	seen := map[string]bool{}
	for _, o := range all {
		id := o.ID()
		k := id.Group() + " " + id.String()
		if seen[k] {
			return fmt.Errorf("read objects: %s is there twice", id)
		}
		seen[k] = true
	}
	return nil
}
