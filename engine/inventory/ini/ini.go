// Package ini reads Ansible's INI inventory format: sections of hosts, of child
// groups and of variables, with the place of each.
//
// It does not know what becomes of them: ranges are not expanded, groups not
// linked, and a group that is named need not exist.
//
// # Decisions
//
// Values are Python literals, as in Ansible, and text if they are none: True is
// a bool and true is text, 0644 is text, [1, 2] a list. This holds for [g:vars]
// too, whatever Ansible's documentation says.
package ini

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/engine/diag"
)

// Kind is what the lines of a section are.
type Kind string

// The kinds of sections.
const (
	Hosts    Kind = "hosts"
	Children Kind = "children"
	Vars     Kind = "vars"
)

// Section is one [group] or [group:kind] with its lines, of which only those of
// its Kind are set. Lines before the first header are a section without Pos of
// the group "ungrouped".
type Section struct {
	Pos      diag.Pos
	Group    string
	Kind     Kind
	Hosts    []Host
	Children []Child
	Vars     []Var
}

// Host is a line with a host, or with a range of them.
type Host struct {
	Pos     diag.Pos
	Pattern string // a name or range, possibly with a port
	Vars    []Var
}

// Child is a line that names a child group.
type Child struct {
	Pos  diag.Pos
	Name string
}

// Var is one name=value.
type Var struct {
	Pos   diag.Pos // of the name
	Name  string
	Value any      // string, int, float64, bool, nil, []any or map[string]any
	At    diag.Pos // of the value; of its first character if Exact
	Exact bool     // Value is text that stands in the file as it is
}

var (
	header    = regexp.MustCompile(`^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$`)
	badHeader = regexp.MustCompile(`^\[[^\]]*(?:\]\s*(?:[#;].*)?|\]\s.*)?$`)
	groupName = regexp.MustCompile(`^([^:\]\s]+)\s*(?:#.*)?$`)
)

// Parse reads an inventory. name is used in places only. The error is a
// diag.List of all that is wrong; the sections beside it hold what is sound.
func Parse(name string, data []byte) ([]Section, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	p := &parser{file: name, sections: []Section{{Group: "ungrouped", Kind: Hosts}}}
	for raw := range bytes.SplitSeq(data, []byte("\n")) {
		p.number++
		if p.line(raw); p.foreign {
			break
		}
	}
	return p.sections, p.problems.Err()
}

type parser struct {
	file     string
	number   int // of the current line
	text     string
	sections []Section
	skip     bool // the header of the current section is not sound
	foreign  bool // the file is of another format
	problems diag.List
}

func (p *parser) line(raw []byte) {
	p.text = strings.TrimRight(string(raw), " \t\r\f\v")
	start := len(p.text) - len(strings.TrimLeft(p.text, " \t\f\v"))
	text := p.text[start:]
	if text == "" || text[0] == '#' || text[0] == ';' {
		return
	}
	if !utf8.ValidString(text) {
		p.fail(start, "invalid text", "it is not UTF-8", "")
		return
	}
	if m := header.FindStringSubmatch(text); m != nil {
		p.open(start, m[1], m[2])
		return
	}
	if badHeader.MatchString(text) {
		p.skip = true
		p.fail(start, "invalid section header", text, "write [group], [group:children] or [group:vars], without spaces")
		return
	}
	if p.skip {
		return
	}
	switch s := &p.sections[len(p.sections)-1]; s.Kind {
	case Hosts:
		p.host(s, start)
	case Children:
		p.child(s, start)
	case Vars:
		p.variable(s, start)
	}
}

func (p *parser) open(start int, group, kind string) {
	k := Kind(kind)
	switch k {
	case "":
		k = Hosts
	case Hosts, Children, Vars:
	default:
		p.skip = true
		hint := diag.Suggest(kind, []string{string(Hosts), string(Children), string(Vars)})
		if hint == "" {
			hint = "write [group], [group:children] or [group:vars]"
		}
		p.fail(start, "unknown kind of section", fmt.Sprintf("%q in [%s:%s]", kind, group, kind), hint)
		return
	}
	p.skip = false
	p.sections = append(p.sections, Section{Pos: p.pos(start), Group: group, Kind: k})
}

func (p *parser) host(s *Section, start int) {
	words, err := split(p.text, start)
	if err != nil {
		p.fail(start, "invalid host line", err.Error(), "")
		return
	}
	if len(words) == 0 {
		return
	}
	first := words[0]
	switch {
	case first.text == "---":
		p.foreign = true
		p.fail(start, "not an INI inventory", `"---" is the start of a YAML file`, "give the file a name that ends in .yml")
		return
	case strings.HasSuffix(first.text, ":"):
		p.fail(start, "invalid host name", fmt.Sprintf("%q ends in a colon", first.text), "give a YAML file a name that ends in .yml")
		return
	}
	h := Host{Pos: p.pos(start), Pattern: first.text}
	for _, w := range words[1:] {
		if v, ok := p.assignment(w.at, w.text, w.at); ok {
			h.Vars = append(h.Vars, v)
		}
	}
	s.Hosts = append(s.Hosts, h)
}

func (p *parser) child(s *Section, start int) {
	m := groupName.FindStringSubmatch(p.text[start:])
	if m == nil {
		p.fail(start, "not a group name", p.text[start:], "a section of children has one group on each line")
		return
	}
	s.Children = append(s.Children, Child{Pos: p.pos(start), Name: m[1]})
}

func (p *parser) variable(s *Section, start int) {
	if v, ok := p.assignment(start, p.text[start:], start); ok {
		s.Vars = append(s.Vars, v)
	}
}

// assignment reads text, which stands at offset at of the line, as name=value.
func (p *parser) assignment(at int, text string, start int) (Var, bool) {
	name, value, found := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" {
		p.fail(at, "not a variable", text, `write name=value, on the line of a host without spaces around "="`)
		return Var{}, false
	}
	v := Var{Pos: p.pos(start), Name: name, Value: Literal(value)}
	offset := at + strings.Index(p.text[at:], "=") + 1
	rest := strings.TrimLeft(p.text[offset:], " \t")
	offset = len(p.text) - len(rest)
	s, isText := v.Value.(string)
	if isText && !strings.HasPrefix(rest, s) && rest != "" {
		offset, rest = offset+1, rest[1:]
	}
	v.At, v.Exact = p.pos(offset), isText && s != "" && strings.HasPrefix(rest, s)
	return v, true
}

func (p *parser) pos(offset int) diag.Pos {
	return diag.Pos{File: p.file, Line: p.number, Col: offset + 1}
}

func (p *parser) fail(offset int, summary, detail, hint string) {
	p.problems = append(p.problems, diag.Diagnostic{Pos: p.pos(offset), Summary: summary, Detail: detail, Hint: hint})
}
