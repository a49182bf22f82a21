package prepare

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
)

// finder says where the Sources of a task lie; the zero finder means the controller.
type finder struct {
	here  bool           // on the task's host itself
	from  string         // on the host called so
	vague *unknown.Value // on a host that is not known yet
	arg   string         // the argument that names the host, "" if the Spec has none
}

// finder is the one for t's arguments.
func (t Task) finder(ev Eval) (finder, error) {
	if isRemote(t.Args.Values, ev) {
		return finder{here: true}, nil
	}
	f := finder{}
	for _, x := range t.Spec.Args.Fields() {
		if x.Type == module.SourceHost {
			f.arg = x.Name
		}
	}
	if f.arg == "" {
		return f, nil
	}
	err := f.ask(t, ev)
	if err == nil && f.from == "" && t.Spec.Where == module.AtController {
		f.from = t.Host
	}
	return f, err
}

// ask fills in the host that the argument names.
func (f *finder) ask(t Task, ev Eval) error {
	v, err := ev.Resolve(t.Args.Values[f.arg])
	if err != nil && t.Maybe != "" {
		v, err = unknown.Value{Why: t.Maybe}, nil
	}
	if err != nil {
		return at(t.Args.At[f.arg], err)
	}
	switch v := v.(type) {
	case unknown.Value:
		f.vague = &v
	case string:
		f.from = v
	case nil, template.Omit:
	default:
		return diag.Diagnostic{Pos: t.Args.At[f.arg], Summary: "wrong type of argument", Detail: f.arg + ": the name of a host is wanted, got " + template.Describe(v)}
	}
	return nil
}

// isRemote reports whether a task says that its sources lie on the host.
func isRemote(args map[string]any, ev Eval) bool {
	v, err := ev.Resolve(args["remote_src"])
	truth, _ := v.(bool)
	return err == nil && (truth || v == "yes" || v == "true")
}

// written are t's arguments; where they lie on another host, with the Sources that
// are not written but have a default, and the host's name.
func (t Task) written(f finder) map[string]any {
	if f.from == "" && f.vague == nil {
		return t.Args.Values
	}
	out := maps.Clone(t.Args.Values)
	if f.vague == nil {
		out[f.arg] = f.from
	}
	for _, x := range t.Spec.Args.Fields() {
		given := false
		for _, name := range append([]string{x.Name}, x.Aliases...) {
			_, has := out[name]
			given = given || has
		}
		if x.Type == module.FileSource && x.Default != "" && !given {
			out[x.Name] = x.Default
		}
	}
	return out
}

// sourceOn is the file or tree called name where f says.
func (p *Preparer) sourceOn(f finder, t Task, name string) (any, error) {
	switch {
	case f.here:
		return module.Source{Name: name}, nil
	case f.vague != nil:
		return *f.vague, nil
	case f.from == "":
		return p.source(t.Search, name)
	case t.Look == nil:
		return nil, errors.New("look at " + name + " on " + f.from + ": hosts cannot be reached from here")
	}
	return t.Look(f.from, name)
}

// local is name as an absolute path of the controller, below the user's home if it
// begins with ~; a final slash stays.
func local(name string) (any, error) {
	if name == "" {
		return name, nil
	}
	full := name
	if name == "~" || strings.HasPrefix(name, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		full = home + name[1:]
	}
	full, err := filepath.Abs(full)
	if strings.HasSuffix(name, "/") && full != "/" {
		full += "/"
	}
	return full, err
}
