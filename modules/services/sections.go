package services

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
)

// written is the text of a unit file, and whether it holds a secret.
func written(content any) (text string, secret bool, err error) {
	switch c := content.(type) {
	case string:
		return ended(c), false, nil
	case module.Secret:
		return ended(c.Reveal()), true, nil
	case map[string]any:
		w := &sections{}
		for _, name := range inOrder(c) {
			if err := w.section(name, c[name]); err != nil {
				return "", false, err
			}
		}
		return w.out.String(), w.secret, nil
	}
	return "", false, errors.New("content is neither text nor a map of sections")
}

func ended(s string) string {
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}

// inOrder are the names of sections: Unit before, and Install after, what is of the
// unit's own kind.
func inOrder(all map[string]any) (out []string) {
	first, last := "Unit", "Install"
	if _, ok := all[first]; ok {
		out = append(out, first)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name != first && name != last {
			out = append(out, name)
		}
	}
	if _, ok := all[last]; ok {
		out = append(out, last)
	}
	return out
}

// sections writes a unit file.
type sections struct {
	out    strings.Builder
	secret bool
}

func (w *sections) section(name string, settings any) error {
	m, ok := settings.(map[string]any)
	if !ok {
		return fmt.Errorf("content: section %s is no map of settings", name)
	}
	if strings.ContainsAny(name, "[]\n") {
		return fmt.Errorf("content: %q is no name of a section", name)
	}
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("[" + name + "]\n")
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values, ok := m[key].([]any)
		if !ok {
			values = []any{m[key]}
		}
		for _, v := range values {
			if err := w.setting(name+"."+key, key, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *sections) setting(at, key string, v any) error {
	text := ""
	switch v := v.(type) {
	case nil:
	case module.Secret:
		text, w.secret = v.Reveal(), true
	case string, bool, int, int64, float64:
		text = fmt.Sprint(v)
	default:
		return fmt.Errorf("content: %s is neither text, number, true, false, nor a list of them", at)
	}
	if strings.ContainsAny(key, "=\n[]#; ") || strings.Contains(text, "\n") {
		return fmt.Errorf("content: %s does not fit on a line of its own", at)
	}
	w.out.WriteString(key + "=" + text + "\n")
	return nil
}
