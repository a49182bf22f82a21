package load

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/template"
)

// loops are the ways to write a loop that gokube knows.
var loops = map[string]playbook.Loop{"loop": {}, "with_items": {Flatten: true}, "with_list": {}, "with_dict": {Dict: true}}

// otherLoops are Ansible's other ways, with the form to write instead.
var otherLoops = map[string]string{
	"with_sequence":      `write loop: "{{ untilStep 1 6 1 }}", which counts from 1 to 5`,
	"with_nested":        "loop over a list of maps with one key for each",
	"with_cartesian":     "loop over a list of maps with one key for each",
	"with_together":      "loop over a list of maps with one key for each",
	"with_subelements":   "loop over a list of maps with one key for each",
	"with_indexed_items": "write loop, and loop_control with index_var",
	"with_flattened":     "loop over one flat list",
	"with_random_choice": "loop over what is known before the run",
	"with_first_found":   "name the file with a variable",
	"with_fileglob":      "loop over the names of the files",
	"with_filetree":      "use copy, which takes a whole folder",
	"with_lines":         "register a command, and loop over its stdout_lines",
}

// loop is the loop that a task has, nil if none.
func (r *reader) loop(pairs []source.Pair) (l *playbook.Loop) {
	for _, p := range pairs {
		form, ok := loops[p.Key]
		switch {
		case !ok && !strings.HasPrefix(p.Key, "with_"):
		case !ok:
			r.otherLoop(p)
		case l != nil:
			r.fail(p.At, "two loops in one task", p.Key, "loop over a list of maps, or include a file in the outer loop")
		default:
			form.Pos, form.Var = p.At, "item"
			form.Over = r.overOf(p, &form)
			l = &form
		}
	}
	switch c := pair(pairs, "loop_control"); {
	case c != nil && l == nil:
		r.fail(c.At, "loop_control without a loop", "", "")
		r.loopControl(c, new(playbook.Loop))
	case c != nil:
		r.loopControl(c, l)
	}
	return l
}

// otherLoop reports a way to loop that gokube has not.
func (r *reader) otherLoop(p source.Pair) {
	hint := otherLoops[p.Key]
	if hint == "" {
		hint = "write loop"
	}
	r.fail(p.At, "kind of loop not supported", p.Key, hint)
}

// overOf is what is looped over.
func (r *reader) overOf(p source.Pair, l *playbook.Loop) any {
	n := source.Resolve(p.Value)
	v := r.value(n)
	hint := ""
	switch x := v.(type) {
	case *template.Text:
		return x
	case []any:
		if !l.Dict {
			return x
		}
	case map[string]any:
		if l.Dict {
			return x
		}
		hint = "write with_dict, or a list"
	case string:
		if l.Flatten {
			return []any{x}
		}
		if identifier.MatchString(strings.TrimPrefix(x, ".")) {
			hint = fmt.Sprintf("write \"{{ .%s }}\" for the variable", strings.TrimPrefix(x, "."))
		}
	}
	want := "a list"
	if l.Dict {
		want = "a map"
	}
	r.failAt(n, "cannot loop", fmt.Sprintf("%s: %s is wanted, got %s", p.Key, want, source.Describe(n)), hint)
	return []any{}
}

func (r *reader) loopControl(c *source.Pair, l *playbook.Loop) {
	for _, p := range r.fields(c.Value, "loop_control") {
		switch p.Key {
		case "loop_var":
			l.Var = r.variable(p)
		case "index_var":
			l.IndexVar = r.variable(p)
		case "label":
			l.Label = r.value(p.Value)
		case "pause":
			l.Pause = r.number(p, false)
		case "extended":
			l.Extended = r.fixed(&p)
		default:
			r.option(p, "loop_control", "loop_var", "index_var", "label", "pause", "extended")
		}
	}
}

// retry is how a task is repeated until it succeeds, nil if it is not.
func (r *reader) retry(pairs []source.Pair) *playbook.Retry {
	until, retries, delay := pair(pairs, "until"), pair(pairs, "retries"), pair(pairs, "delay")
	if until == nil && retries == nil {
		if delay != nil {
			r.fail(delay.At, "delay without until or retries", "", "")
		}
		return nil
	}
	out := &playbook.Retry{}
	if until != nil {
		out.Until = r.conds(*until)
	}
	if retries != nil {
		out.Retries = r.number(*retries, true)
	}
	if delay != nil {
		out.Delay = r.number(*delay, false)
	}
	return out
}

// option reports a key that what does not have.
func (r *reader) option(p source.Pair, what string, names ...string) {
	r.fail(p.At, "unknown option", fmt.Sprintf("%q in %s", p.Key, what), oneOf(p.Key, names))
}

// oneOf is the most alike of names as a hint, or all of them.
func oneOf(name string, names []string) string {
	if hint := diag.Suggest(name, names); hint != "" {
		return hint
	}
	return "it may be " + strings.Join(names, ", ")
}
