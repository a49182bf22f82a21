// Package docs is the documentation of modules and roles: of modules derived from
// their argument structs and the comments in their source, of roles from their
// README, argument specs and defaults. It knows none of them by name.
//
// # Decisions
//
// The comments are gathered into a file by go generate, because a binary has no
// comments; a test gathers them again and compares.
package docs

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/playbook/load"
	"github.com/gokube/gokube/modules"
)

//go:generate go run ./gen -root ../../..

//go:embed comments.json
var comments []byte

// Comments are the comments of struct fields by "import path.Type.Field".
type Comments map[string]string

// Load is the comments that were built in.
func Load() (Comments, error) {
	c := Comments{}
	err := json.Unmarshal(comments, &c)
	return c, err
}

// Specs are those of all modules, and of what the loader itself understands, by
// name.
func Specs() []*module.Spec {
	out := load.Actions()
	for _, m := range modules.All() {
		out = append(out, m.Spec())
	}
	slices.SortFunc(out, func(a, b *module.Spec) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Field is what the source says of an argument, without the field's name in Go
// that such a comment begins with.
func (c Comments) Field(f module.Field) string {
	text := c[f.Owner.PkgPath()+"."+f.Owner.Name()+"."+f.GoName]
	rest, named := strings.CutPrefix(text, f.GoName+" ")
	if !named {
		return text
	}
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}

// Module is the documentation of one module as Markdown.
func (c Comments) Module(s *module.Spec) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "# %s\n\n%s.\n\n", s.Name, s.Summary)
	switch s.Where {
	case module.OnController:
		sb.WriteString("It runs on the controller and needs no connection.\n\n")
	case module.AtController:
		sb.WriteString("What it changes is on the controller.\n\n")
	case module.OnShell:
		sb.WriteString("It runs over the bare connection and brings nothing to the host.\n\n")
	}
	if len(s.Args.Fields()) > 0 {
		sb.WriteString("## Arguments\n\n")
	}
	for _, f := range s.Args.Fields() {
		fmt.Fprintf(&sb, "- `%s` (%s)  \n  %s\n", strings.Join(append([]string{f.Name}, f.Aliases...), "`, `"), traits(f), oneLine(c.Field(f)))
	}
	if s.FreeForm != "" {
		fmt.Fprintf(&sb, "\nA task given as plain text sets `%s`.\n", s.FreeForm)
	}
	for _, set := range s.OneOf {
		fmt.Fprintf(&sb, "\nAt least one of `%s` is wanted.\n", strings.Join(set, "`, `"))
	}
	for _, set := range s.Exclusive {
		fmt.Fprintf(&sb, "\nOnly one of `%s` may be given.\n", strings.Join(set, "`, `"))
	}
	if len(s.Output) > 0 {
		sb.WriteString("\n## What register stores\n\nBeside changed, failed, skipped and msg:\n\n")
	}
	for _, d := range s.Output {
		fmt.Fprintf(&sb, "- `%s`: %s\n", d.Name, d.Text)
	}
	fmt.Fprintf(&sb, "\n## Example\n\n```yaml\n%s```\n", s.Example)
	return sb.String()
}

// traits are the type of an argument and what is special of it.
func traits(f module.Field) string {
	out := []string{string(f.Type)}
	if f.Required {
		out = append(out, "required")
	}
	if len(f.Enum) > 0 {
		out = append(out, "one of "+strings.Join(f.Enum, ", "))
	}
	if f.Default != "" {
		out = append(out, "default "+f.Default)
	}
	return strings.Join(out, "; ")
}

// oneLine is text without line ends.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
