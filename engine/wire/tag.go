package wire

import (
	"encoding/base64"
	"io/fs"
	"strconv"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// tags make values of objects with one key that begins with a dollar.
type tags struct {
	decoder *json.Decoder
	fetch   Fetch
}

func (d *tags) bad(what string) error { return d.decoder.Bad(what) }

// value is what {tag: v} stands for.
func (d *tags) value(tag string, v any) (any, error) {
	switch tag {
	case "$content":
		return d.content(v)
	case "$template":
		return d.template(v)
	case "$expression":
		return d.expression(v)
	case "$source":
		return d.source(v)
	case "$conditions":
		return d.conditions(v)
	case "$pairs":
		return d.pairs(v)
	case "$pending":
		return module.Pending{}, nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, d.bad("tag " + tag)
	}
	return d.scalar(tag, s)
}

func (d *tags) scalar(tag, s string) (any, error) {
	switch tag {
	case "$unknown":
		return unknown.Value{Why: s}, nil
	case "$secret":
		return secret.New(s), nil
	case "$float":
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f, nil
		}
	case "$bytes", "$text":
		data, err := base64.StdEncoding.DecodeString(s)
		if err == nil && tag == "$text" {
			return string(data), nil
		}
		if err == nil {
			return data, nil
		}
	}
	return nil, d.bad("tag " + tag)
}

func (d *tags) template(v any) (any, error) {
	l, _ := v.([]any)
	if len(l) != 3 {
		return nil, d.bad("tag $template")
	}
	name, ok1 := l[0].(string)
	c, ok2 := l[1].(system.Content)
	hidden, ok3 := l[2].(bool)
	if !ok1 || !ok2 || !ok3 {
		return nil, d.bad("tag $template")
	}
	return module.Template{Name: name, Content: c, Secret: hidden}, nil
}

func (d *tags) expression(v any) (any, error) {
	l, _ := v.([]any)
	if len(l) != 2 {
		return nil, d.bad("tag $expression")
	}
	text, ok := l[0].(string)
	if !ok {
		return nil, d.bad("tag $expression")
	}
	return module.Expression{Text: text, Value: l[1]}, nil
}

func (d *tags) source(v any) (any, error) {
	l, _ := v.([]any)
	if len(l)%6 != 1 {
		return nil, d.bad("tag $source")
	}
	name, ok := l[0].(string)
	s := module.Source{Name: name}
	for l = l[1:]; len(l) > 0; l = l[6:] {
		path, ok1 := l[0].(string)
		kind, ok2 := l[1].(int)
		mode, ok3 := l[2].(int)
		link, ok4 := l[3].(string)
		c, ok5 := l[4].(system.Content)
		doubt, ok6 := l[5].(string)
		ok = ok && ok1 && ok2 && ok3 && ok4 && ok5 && ok6
		s.Entries = append(s.Entries, module.Entry{Path: path, Type: fs.FileMode(kind), Mode: fs.FileMode(mode), Target: link, Content: c, Doubt: doubt})
	}
	if !ok {
		return nil, d.bad("tag $source")
	}
	return s, nil
}

func (d *tags) conditions(v any) (any, error) {
	l, _ := v.([]any)
	out := module.Conditions{}
	for ; len(l) > 1; l = l[2:] {
		text, ok := l[0].(string)
		holds, ok2 := l[1].(bool)
		if !ok || !ok2 {
			return nil, d.bad("tag $conditions")
		}
		out = append(out, module.Condition{Text: text, Holds: holds})
	}
	if len(l) > 0 {
		return nil, d.bad("tag $conditions")
	}
	return out, nil
}

func (d *tags) pairs(v any) (any, error) {
	l, _ := v.([]any)
	out := map[string]any{}
	for ; len(l) > 1; l = l[2:] {
		k, ok := l[0].(string)
		if !ok {
			return nil, d.bad("tag $pairs")
		}
		out[k] = l[1]
	}
	if len(l) > 0 {
		return nil, d.bad("tag $pairs")
	}
	return out, nil
}
