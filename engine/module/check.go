package module

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/unknown"
)

// ArgError is an argument that does not fit. Summary is fixed per kind of problem.
type ArgError struct {
	Arg     string // "" if the problem is of the whole task
	Summary string
	Detail  string
	Hint    string
}

// Error is the problem on one line.
func (e *ArgError) Error() string {
	return diag.Diagnostic{Summary: e.Summary, Detail: e.Detail, Hint: e.Hint}.Error()
}

// Check finds what is wrong with args, whether templated yet or not. later says
// which values are not known yet: of those nothing is claimed; nil means none.
func (s *Spec) Check(args Args, later func(any) bool) (out []ArgError) {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		f := s.Args.Field(name)
		if f == nil && s.Args.Open() {
			continue
		}
		if f == nil {
			out = append(out, ArgError{Arg: name, Summary: "unknown argument", Detail: fmt.Sprintf("%q for module %s", name, s.Name),
				Hint: s.suggest(name)})
			continue
		}
		if other, twice := seen[f.Name]; twice {
			out = append(out, ArgError{Arg: name, Summary: "argument given twice", Detail: fmt.Sprintf("%s and %s", other, name)})
		}
		seen[f.Name] = name
		if _, vague := args[name].(unknown.Value); vague || later != nil && later(args[name]) {
			continue
		}
		if err := f.check(args[name]); err != nil {
			err.Arg = name
			out = append(out, *err)
		}
	}
	return append(out, s.missing(seen)...)
}

func (s *Spec) suggest(name string) string {
	if hint := diag.Suggest(name, s.Args.Names()); hint != "" {
		return hint
	}
	return "it takes " + strings.Join(s.Args.Names(), ", ")
}

func (s *Spec) missing(seen map[string]string) (out []ArgError) {
	fs := s.Args.Fields()
	for i := range fs {
		if _, ok := seen[fs[i].Name]; fs[i].Required && !ok {
			out = append(out, ArgError{Summary: "missing argument", Detail: fmt.Sprintf("%q for module %s", fs[i].Name, s.Name)})
		}
	}
	count := func(names []string) (n int) {
		for _, name := range names {
			if _, ok := seen[name]; ok {
				n++
			}
		}
		return n
	}
	for _, set := range s.OneOf {
		if count(set) == 0 {
			out = append(out, ArgError{Summary: "missing argument", Detail: fmt.Sprintf("one of %s for module %s", strings.Join(set, ", "), s.Name)})
		}
	}
	for _, set := range s.Exclusive {
		if count(set) > 1 {
			out = append(out, ArgError{Summary: "arguments exclude each other", Detail: strings.Join(set, ", ")})
		}
	}
	return out
}

// prepared are the types that the controller prepares, in a form of their own.
var prepared = []Type{FileSource, Rendered, Tests, Pipeline, DocumentList, Regexp}

// check is what is wrong with a value that is known.
func (f *Field) check(v any) *ArgError {
	if v == nil {
		if f.Required {
			return &ArgError{Summary: "missing argument", Detail: fmt.Sprintf("%q is null", f.Name)}
		}
		return nil
	}
	if slices.Contains(prepared, f.Type) {
		return nil
	}
	got, err := convert(v, f.goType)
	if err != nil {
		return f.misfit(v, err)
	}
	return f.allowed(got, v)
}

// allowed is what is wrong with got, made of v, if only some values are allowed.
func (f *Field) allowed(got, v any) *ArgError {
	if len(f.Enum) == 0 || f.Type == List {
		return nil
	}
	text := fmt.Sprint(got)
	if slices.Contains(f.Enum, text) {
		return nil
	}
	hint := diag.Suggest(text, f.Enum)
	if hint == "" {
		hint = "it may be " + strings.Join(f.Enum, ", ")
	}
	if _, hidden := secret.Reveal(v); hidden {
		text, hint = secret.Mask, "it may be "+strings.Join(f.Enum, ", ")
	}
	return &ArgError{Summary: "value not allowed", Detail: fmt.Sprintf("%s %q", f.Name, text), Hint: hint}
}
