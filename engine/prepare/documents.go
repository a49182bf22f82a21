package prepare

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// documents are those that v, which raw came to, is, holds or names.
func (p *Preparer) documents(search []string, raw, v any, ev Eval) (any, error) {
	var out module.Documents
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	rawList, _ := raw.([]any)
	for i, e := range list {
		from := raw
		if len(rawList) == len(list) {
			from = rawList[i]
		}
		docs, err := p.document(search, from, e, ev)
		if err != nil {
			return nil, err
		}
		if u, vague := docs.(unknown.Value); vague {
			return u, nil
		}
		more, _ := docs.(module.Documents)
		out = append(out, more...)
	}
	return out, nil
}

// document is one element of documents: Documents, or an unknown.Value.
func (p *Preparer) document(search []string, raw, v any, ev Eval) (any, error) {
	switch v := v.(type) {
	case nil, template.Omit:
		return module.Documents(nil), nil
	case unknown.Value:
		return v, nil
	case map[string]any:
		plain, _ := template.WithoutOmitted(v).(map[string]any)
		return module.Documents{plain}, nil
	case secret.String:
		return veiled("the argument", v.Reveal(), raw, ev)
	case string:
		if isYAML(v) {
			docs, err := parsed("", v)
			return docs, inText(err)
		}
		return p.documentFile(search, v, ev)
	}
	return nil, diag.Diagnostic{Summary: "wrong type of argument", Detail: "maps, YAML text or names of files are wanted, got " + template.Describe(v)}
}

// isYAML tells YAML text from the name of a file.
func isYAML(s string) bool {
	return strings.Contains(s, "\n") || strings.Contains(s, ": ") || strings.HasPrefix(s, "{")
}

// findDocument looks for name in the templates folders of search, and else where a
// file would be looked for. render says that it was found in a templates folder.
func (p *Preparer) findDocument(search []string, name string) (file string, render bool, err error) {
	if !path.IsAbs(name) {
		for _, dir := range search {
			file := path.Join(dir, "templates", name)
			if _, err := p.files.Stat(file); err == nil {
				return file, true, nil
			}
		}
	}
	file, err = p.find(search, "files", name)
	return file, path.Base(path.Dir(file)) == "templates", err
}

// documentFile reads the file called name, or those in the folder called so.
func (p *Preparer) documentFile(search []string, name string, ev Eval) (any, error) {
	file, render, err := p.findDocument(search, name)
	if err != nil {
		return nil, err
	}
	info, err := p.files.Stat(file)
	if err != nil || !info.IsDir() {
		return p.oneFile(file, render, ev)
	}
	entries, err := p.files.ReadDir(file)
	if err != nil {
		return nil, err
	}
	var out module.Documents
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".yml", ".yaml", ".json"}, path.Ext(e.Name())) {
			continue
		}
		docs, err := p.oneFile(path.Join(file, e.Name()), render, ev)
		if err != nil {
			return nil, err
		}
		if u, vague := docs.(unknown.Value); vague {
			return u, nil
		}
		more, _ := docs.(module.Documents)
		out = append(out, more...)
	}
	return out, nil
}

// oneFile is what a file holds: Documents, or an unknown.Value.
func (p *Preparer) oneFile(file string, render bool, ev Eval) (any, error) {
	if !render {
		data, err := p.files.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return parsed(file, string(data))
	}
	t, err := p.template(file)
	if err != nil {
		return nil, err
	}
	v, err := ev.Resolve(t)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case unknown.Value:
		return v, nil
	case secret.String:
		return veiled(file+", rendered,", v.Reveal(), t, ev)
	}
	return parsed(file+", rendered,", fmt.Sprint(v))
}

// inText is err with its place in the argument's text told in words: the place
// itself is that of the argument.
func inText(err error) error {
	var list diag.List
	if list.Add(diag.Pos{}, err); len(list) == 0 || list[0].Pos.Line == 0 {
		return err
	}
	d := list[0]
	d.Detail = fmt.Sprintf("%s, in line %d, column %d of the text", d.Detail, d.Pos.Line, d.Pos.Col)
	d.Pos = diag.Pos{}
	return d
}

// parsed is every document in text, which name names in errors.
func parsed(name, text string) (module.Documents, error) {
	f, err := source.Parse(name, []byte(text))
	if err != nil {
		return nil, err
	}
	var out module.Documents
	for _, n := range f.Docs {
		v, err := f.Decode(n, source.Hooks{})
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case nil:
		case map[string]any:
			out = append(out, v)
		default:
			return nil, diag.Diagnostic{Pos: f.Pos(n), Summary: "document is not a map", Detail: "it is " + template.Describe(v)}
		}
	}
	return out, nil
}

// veiled is parsed for a text that holds secrets: what differs without them is
// hidden. raw is what the text came of.
func veiled(name, text string, raw any, ev Eval) (any, error) {
	docs, err := parsed(name, text)
	if err != nil {
		return nil, diag.Diagnostic{Summary: "text is not YAML", Detail: name + " (withheld: it holds a secret)"}
	}
	var blank module.Documents
	if v, err := ev.Blank(raw); err == nil {
		if s, ok := v.(secret.String); ok {
			blank, _ = parsed(name, s.Reveal()) // if it is not the same, all is hidden
		}
	}
	for i := range docs {
		var other any
		if len(blank) == len(docs) {
			other = blank[i]
		}
		docs[i], _ = veil(docs[i], other).(map[string]any)
	}
	return docs, nil
}

// veil is v with what differs from blank hidden.
func veil(v, blank any) any {
	switch v := v.(type) {
	case map[string]any:
		other, ok := blank.(map[string]any)
		if !ok {
			break
		}
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = veil(v[k], other[k])
		}
		return out
	case []any:
		other, ok := blank.([]any)
		if !ok || len(other) != len(v) {
			break
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = veil(v[i], other[i])
		}
		return out
	case string:
		if v == blank {
			return v
		}
	}
	return secret.Hide(v)
}
