package docs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/load/argspec"
	"github.com/gokube/gokube/engine/source"
)

// Variable is one that a role takes.
type Variable struct {
	Name     string
	Type     string // "" if the role's argument specs do not tell
	Default  string // as YAML on one line; "" if there is none, or one too long to show
	Text     string // one line; may be empty
	Required bool
	Choices  []string
	Inner    []Variable // keys of a map, or of the maps in a list
	Source   string     // the file that sets the default, seen from the role; "" if none does
}

// write writes v as an element of a Markdown list.
func (v Variable) write(sb *strings.Builder, indent string) {
	fmt.Fprintf(sb, "%s- `%s`", indent, v.Name)
	if t := v.traits(); t != "" {
		fmt.Fprintf(sb, " (%s)", t)
	}
	sb.WriteString("\n")
	if v.Text != "" {
		fmt.Fprintf(sb, "%s  %s\n", indent, v.Text)
	}
	for _, in := range v.Inner {
		in.write(sb, indent+"  ")
	}
}

func (v Variable) traits() string {
	var out []string
	if v.Type != "" {
		out = append(out, v.Type)
	}
	if v.Required {
		out = append(out, "required")
	}
	if len(v.Choices) > 0 {
		out = append(out, "one of "+strings.Join(v.Choices, ", "))
	}
	switch {
	case v.Default != "":
		out = append(out, "default "+code(v.Default))
	case v.Source != "":
		out = append(out, "default in "+code(v.Source))
	}
	return strings.Join(out, "; ")
}

// code is text as Markdown shows it letter by letter.
func code(text string) string {
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// variables collects those of one role.
type variables struct {
	files   fs.FS
	summary string
	list    []Variable
	index   map[string]int
}

// at is the variable of that name, which is added if it is new.
func (v *variables) at(name string) *Variable {
	i, ok := v.index[name]
	if !ok {
		i = len(v.list)
		v.index[name] = i
		v.list = append(v.list, Variable{Name: name})
	}
	return &v.list[i]
}

func (v *variables) read(role string) error {
	for _, pattern := range []string{"defaults/main.yml", "defaults/main/*.yml"} {
		found, err := fs.Glob(v.files, path.Join(role, pattern))
		if err != nil {
			return err
		}
		for _, name := range found {
			if err := v.defaults(name, strings.TrimPrefix(name, role+"/")); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"meta/main.yml", "meta/argument_specs.yml"} {
		err := v.specs(path.Join(role, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// pairs are the keys and values of a file that holds one map.
func (v *variables) pairs(name string) (*source.File, []source.Pair, error) {
	data, err := fs.ReadFile(v.files, name)
	if err != nil {
		return nil, nil, err
	}
	f, err := source.Parse(name, data)
	if err != nil {
		return nil, nil, err
	}
	doc, err := f.Doc()
	if err != nil {
		return nil, nil, err
	}
	pairs, err := f.Pairs(doc)
	return f, pairs, err
}

// defaults reads a file of them; the comment above one says what it is.
func (v *variables) defaults(name, shown string) error {
	f, pairs, err := v.pairs(name)
	if err != nil {
		return err
	}
	doc, err := f.Doc()
	if err != nil {
		return err
	}
	for _, p := range pairs {
		x := v.at(p.Key)
		x.Default, x.Text, x.Source = inline(p.Value), above(doc, p.Key), shown
	}
	return nil
}

// above is the comment right above the key of a map, on one line.
func above(doc *yaml.Node, key string) string {
	for i := 0; i+1 < len(doc.Content); i += 2 {
		if doc.Content[i].Value != key {
			continue
		}
		text := doc.Content[i].HeadComment
		text = text[strings.LastIndex(text, "\n\n")+1:]
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "#"))
		}
		return oneLine(strings.Join(lines, " "))
	}
	return ""
}

// longest is the default that is still shown.
const longest = 90

// inline is n as YAML on one line, "" if that is too long. Text stands without
// quotes, unless it would be something else then.
func inline(n *yaml.Node) string {
	text := n.Value
	if n.Kind != yaml.ScalarNode || n.Style != 0 && plainly(text) {
		out, err := yaml.Marshal(flow(n))
		if err != nil {
			return ""
		}
		text = strings.TrimSuffix(string(out), "\n")
	}
	if len(text) > longest || strings.Contains(text, "\n") {
		return ""
	}
	return text
}

// plainly reports whether text without quotes is no text.
func plainly(text string) bool {
	var n yaml.Node
	if text == "" {
		return true
	}
	return yaml.Unmarshal([]byte(text), &n) == nil && len(n.Content) == 1 && n.Content[0].Kind == yaml.ScalarNode && n.Content[0].Tag != "!!str"
}

// flow is n without comments and in the style that needs no lines of its own.
func flow(n *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	if n.Kind == yaml.ScalarNode {
		out.Style = n.Style &^ (yaml.LiteralStyle | yaml.FoldedStyle)
	} else {
		out.Style = yaml.FlowStyle
	}
	for _, c := range n.Content {
		out.Content = append(out.Content, flow(source.Resolve(c)))
	}
	return out
}

// specs reads the argument specs in a file, of the entry point main.
func (v *variables) specs(name string) error {
	f, pairs, err := v.pairs(name)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p.Key != "argument_specs" {
			continue
		}
		entries, err := argspec.Decode(f, p.Value)
		if err != nil {
			return err
		}
		if main := entries["main"]; main != nil {
			v.summary = main.Summary
			for _, o := range sorted(main.Options) {
				v.option(o, main.Options[o])
			}
		}
	}
	return nil
}

// option adds what the specs say of a variable.
func (v *variables) option(name string, o playbook.Option) {
	x := v.at(name)
	was := *x
	*x = described(name, o)
	if x.Text == "" {
		x.Text = was.Text
	}
	if was.Source != "" {
		x.Default, x.Source = was.Default, was.Source
	}
}

func described(name string, o playbook.Option) Variable {
	out := Variable{Name: name, Type: o.Type, Required: o.Required, Text: oneLine(strings.Join(o.Description, " "))}
	if o.Elements != "" {
		out.Type += " of " + o.Elements
	}
	for _, c := range o.Choices {
		out.Choices = append(out.Choices, fmt.Sprint(c))
	}
	if o.Default != nil {
		out.Default = fmt.Sprint(o.Default)
	}
	for _, in := range sorted(o.Options) {
		out.Inner = append(out.Inner, described(in, o.Options[in]))
	}
	return out
}

// sorted are the names of options as they stand in their file.
func sorted(options map[string]playbook.Option) []string {
	return slices.SortedFunc(maps.Keys(options), func(a, b string) int {
		x, y := options[a].Pos, options[b].Pos
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return x.Col - y.Col
	})
}
