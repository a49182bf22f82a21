package object

import (
	"github.com/gokube/gokube/engine/module"
)

// Reveal is v with its secrets as plain text; found tells whether there was one.
func Reveal(v any) (plain any, found bool) {
	switch v := v.(type) {
	case module.Secret:
		return v.Reveal(), true
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			p, ok := Reveal(x)
			out[k], found = p, found || ok
		}
		return out, found
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			p, ok := Reveal(x)
			out[i], found = p, found || ok
		}
		return out, found
	}
	return v, false
}

// Plain is o for a playbook: the data of a Secret, and whatever may repeat it, as
// secrets.
func (o Object) Plain() map[string]any {
	id := o.ID()
	out, _ := copied(o.Fields, id.Kind == "Secret" && id.Group() == "").(map[string]any)
	return out
}

// copied is v with nothing shared; hide makes what is below data, stringData and
// annotations secret.
func copied(v any, hide bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if out[k] = copied(x, hide); hide && (k == "data" || k == "stringData" || k == "annotations") {
				out[k] = hidden(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copied(x, hide)
		}
		return out
	}
	return v
}

// hidden is a map of texts with each a secret.
func hidden(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for k, x := range m {
		if s, ok := x.(string); ok {
			x = module.NewSecret(s)
		}
		out[k] = x
	}
	return out
}

// Clone is objects that share nothing with those given.
func Clone(objects []Object) []Object {
	out := make([]Object, len(objects))
	for i, o := range objects {
		m, _ := copied(o.Fields, false).(map[string]any)
		out[i] = Object{m, o.Hidden}
	}
	return out
}
