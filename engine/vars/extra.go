package vars

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
)

// option is where extra variables come from, for messages.
const option = "--extra-vars"

// Extra reads the arguments of --extra-vars: "@file", a JSON or YAML map in
// braces, or words of the form name=value, whose values are strings, but for true and
// false: text that is never empty would hold as true in templates. A later one wins.
// The error is a diag.List.
func (r *Reader) Extra(args []string) (map[string]any, error) {
	out := map[string]any{}
	var problems diag.List
	for _, arg := range args {
		vars, err := r.extra(strings.TrimSpace(arg))
		problems.Add(diag.Pos{File: option}, err)
		for k, v := range vars {
			out[k] = v
		}
	}
	return out, problems.Err()
}

func (r *Reader) extra(arg string) (map[string]any, error) {
	switch {
	case strings.HasPrefix(arg, "@"):
		return r.file(arg[1:])
	case strings.HasPrefix(arg, "{") || strings.HasPrefix(arg, "["):
		set, err := r.Parse(option, []byte(arg))
		return set.Values, err
	}
	return r.assignments(arg)
}

func (r *Reader) file(name string) (map[string]any, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, diag.Diagnostic{Pos: diag.Pos{File: name}, Summary: "unreadable variables", Detail: err.Error()}
	}
	set, err := r.Parse(name, data)
	return set.Values, err
}

// assignments reads words of the form name=value.
func (r *Reader) assignments(text string) (map[string]any, error) {
	at := diag.Pos{File: option}
	words, err := split(text)
	if err != nil {
		return nil, diag.Diagnostic{Pos: at, Summary: "extra variables", Detail: err.Error()}
	}
	out := map[string]any{}
	var problems diag.List
	for i, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			problems.Add(at, diag.Diagnostic{Pos: at, Summary: "extra variable without a value", Detail: fmt.Sprintf("word %d", i+1), Hint: "write name=value, or @file"})
			continue
		}
		problems.Add(at, CheckName(name, at))
		out[name] = r.word(value, at)
	}
	return out, problems.Err()
}

func (r *Reader) word(value string, at diag.Pos) any {
	switch value {
	case "true", "True":
		return true
	case "false", "False":
		return false
	}
	return r.Text(source.Scalar{Value: value, At: at})
}
