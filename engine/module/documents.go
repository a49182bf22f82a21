package module

import (
	"fmt"

	"github.com/gokube/gokube/engine/secret"
)

// Documents are YAML documents that are maps, such as manifests and configuration.
// In YAML they are written as a list of maps or as one map, as YAML text, or as the
// name of a file or folder of the controller, or a list of these. A file that is
// found in a templates folder is rendered with the task's variables.
//
// The texts in them that hold a secret are Secrets; Reveal gives them plain. Numbers
// are int or float64.
type Documents []map[string]any

// Reveal is d with every Secret in it plain, as a copy where there was one.
func (d Documents) Reveal() []map[string]any {
	out := make([]map[string]any, len(d))
	for i := range d {
		plain, _ := secret.Reveal(d[i])
		out[i], _ = plain.(map[string]any)
	}
	return out
}

// documents is v, prepared by the controller or written in a test, as Documents.
func documents(v any) (Documents, error) {
	var out Documents
	switch v := v.(type) {
	case map[string]any:
		return Documents{v}, nil
	case []map[string]any:
		return v, nil
	case []any:
		for i, e := range v {
			m, ok := e.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("element %d: a map is wanted, got %s", i, describe(e))
			}
			out = append(out, m)
		}
		return out, nil
	}
	return nil, fmt.Errorf("a list of maps is wanted, got %s", describe(v))
}
