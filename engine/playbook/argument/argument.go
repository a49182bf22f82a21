// Package argument compares the values of variables with what a role says that it
// takes. It knows no hosts and evaluates nothing.
//
// # Decisions
//
// Numbers and truths may be written as text, as the command line and INI files give
// them; a list and a map may not, since a role that loops over one could not use it.
// What is null is not given. What is not known yet fits.
package argument

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// Misfit is an option whose value is not what its role wants.
type Misfit struct {
	Name string // of the variable
	At   string // where in its value, such as [2].port; "" for the whole
	Text string // what is wanted, and what there is
}

// String is m on one line.
func (m Misfit) String() string { return m.Name + m.At + ": " + m.Text }

// Check compares the value of each of options, in the order of their names. value
// gives that of a variable, nil if it is not set.
func Check(options map[string]playbook.Option, value func(name string) any) []Misfit {
	c := &checking{}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		c.name = name
		c.option(options[name], value(name), "")
	}
	return c.found
}

// checking is one Check.
type checking struct {
	name  string // of the variable being compared
	found []Misfit
}

func (c *checking) add(at, text string) { c.found = append(c.found, Misfit{c.name, at, text}) }

// option compares v, which is at a place in a variable's value.
func (c *checking) option(o playbook.Option, v any, at string) {
	if v == nil {
		if o.Required {
			c.add(at, "it is required and not set")
		}
		return
	}
	if _, vague := v.(unknown.Value); vague {
		return
	}
	if text := misfit(o.Type, v); text != "" {
		c.add(at, text)
		return
	}
	items, isList := v.([]any)
	if !isList {
		c.one(o, v, at)
		return
	}
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", at, i)
		if _, vague := item.(unknown.Value); vague || item == nil {
			continue
		}
		if text := misfit(o.Elements, item); text != "" {
			c.add(at, text)
			continue
		}
		c.one(o, item, at)
	}
}

// one compares v, no list, with the choices and options of o.
func (c *checking) one(o playbook.Option, v any, at string) {
	if len(o.Choices) > 0 && !slices.ContainsFunc(o.Choices, func(x any) bool { return written(x) == written(v) }) {
		c.add(at, "one of "+choices(o.Choices)+" is wanted, got "+describe(v))
	}
	m, isMap := v.(map[string]any)
	if !isMap || o.Options == nil {
		return
	}
	names := slices.Sorted(maps.Keys(o.Options))
	for _, name := range names {
		c.option(o.Options[name], m[name], at+"."+name)
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if _, ok := o.Options[name]; ok {
			continue
		}
		hint := diag.Suggest(name, names)
		if hint == "" {
			hint = "it may be " + strings.Join(names, ", ")
		}
		c.add(at+"."+name, "there is no such option, "+hint)
	}
}

func choices(xs []any) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = written(x)
	}
	return strings.Join(out, ", ")
}

// written is x as text, also of a secret.
func written(x any) string {
	x, _ = secret.Reveal(x)
	return strings.TrimSpace(fmt.Sprint(x))
}
