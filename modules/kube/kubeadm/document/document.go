// Package document is kubeadm's configuration as maps: how it is put together, sent,
// shown and compared. It knows no host, and no kind of configuration.
package document

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
)

// Document is one object of an API.
type Document = map[string]any

// Clone is a deep copy of maps and lists.
func Clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = Clone(v[k])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Clone(v[i])
		}
		return out
	}
	return v
}

// Map is the map called name in m, nil if there is none.
func Map(m map[string]any, name string) map[string]any {
	out, _ := m[name].(map[string]any)
	return out
}

// Make is the map called name in m, made if it is not there.
func Make(m map[string]any, name string) map[string]any {
	out, ok := m[name].(map[string]any)
	if !ok {
		out = map[string]any{}
		m[name] = out
	}
	return out
}

// Fill sets what is not set, if v is something.
func Fill(m map[string]any, name string, v any) {
	if has := m[name]; v != nil && (has == nil || has == "") {
		m[name] = v
	}
}

// At is what is in d at a path of names with dots between them.
func At(d Document, path string) any {
	var v any = d
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// Stream is docs, their secrets revealed, as kubeadm reads them: JSON is YAML.
func Stream(docs []Document) ([]byte, error) {
	var out []byte
	for i, d := range module.Documents(docs).Reveal() {
		if i > 0 {
			out = append(out, "---\n"...)
		}
		text, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("write configuration: %w", err)
		}
		out = append(append(out, text...), '\n')
	}
	return out, nil
}
