package jinja

import "strings"

// renamed are filters and methods that are a function of one name with what is
// filtered as the last argument. "" drops the filter.
func renamed() map[string]string {
	return map[string]string{
		"default": "default", "d": "default", "length": "len", "count": "len", "to_json": "toJson", "to_nice_json": "toPrettyJson", "from_json": "fromJson",
		"to_yaml": "toYaml", "to_nice_yaml": "toYaml", "from_yaml": "fromYaml", "b64encode": "b64enc", "b64decode": "b64dec", "upper": "upper", "lower": "lower",
		"trim": "trim", "strip": "trim", "int": "int", "float": "float64", "string": "toString", "bool": "bool", "list": "", "safe": "", "mandatory": "", "join": "join",
		"replace": "replace", "regex_replace": "regexReplace", "regex_search": "regexFind", "split": "splitList", "first": "first", "last": "last", "unique": "uniq",
		"union": "union", "intersect": "intersect", "difference": "difference", "basename": "base", "dirname": "dir", "quote": "shquote", "indent": "indent",
		"sort": "sortAlpha", "reverse": "reverse", "sum": "sum", "dict2items": "dict2items", "items2dict": "items2dict", "flatten": "flatten", "ternary": "ternary",
		"ipwrap": "ipWrap", "groupby": "groupBy", "capitalize": "title", "title": "title", "urlencode": "urlquery", "round": "round", "startswith": "hasPrefix",
		"endswith": "hasSuffix", "keys": "keys", "values": "values", "regex_escape": "regexQuoteMeta", "type_debug": "kindOf",
	}
}

// filter reads the filter after a bar and puts it to f.
func (p *parser) filter(f form) form {
	name := p.next()
	for p.accept(".") { // ansible.builtin.combine
		name = p.next()
	}
	var args []form
	if p.accept("(") {
		args = p.arguments()
	}
	return p.filtered(f, name, args)
}

func (p *parser) filtered(f form, name string, args []form) form {
	switch name {
	case "combine", "zip":
		return apply(name, append([]form{f}, args...)...)
	case "default", "d":
		args = defaults(args)
	case "join":
		if len(args) == 0 {
			args = []form{{`""`, text}}
		}
	case "hash":
		return p.hash(f, args)
	case "selectattr", "rejectattr":
		return p.attribute(f, name, args)
	case "map":
		return p.mapped(f, args)
	}
	return p.renamed(f, name, args)
}

// defaults are the arguments of default: one, without the bool that may follow.
func defaults(args []form) []form {
	switch len(args) {
	case 0:
		return []form{{`""`, text}}
	case 2:
		return args[:1]
	}
	return args
}

func (p *parser) renamed(f form, name string, args []form) form {
	to, ok := renamed()[name]
	p.bad = p.bad || !ok
	if to == "" {
		return f
	}
	return form{text: f.text + " | " + apply(to, args...).text}
}

// arguments are those of a call up to its closing parenthesis; names of keyword
// arguments are dropped, save those that mean a filter's only one.
func (p *parser) arguments() (out []form) {
	for !p.bad && !p.accept(")") {
		keyword := ""
		if len(p.tokens) > 1 && p.tokens[1] == "=" {
			keyword = p.next()
			p.next()
		}
		f := p.ternary()
		if keyword != "" && keyword != "attribute" && keyword != "default_value" {
			p.bad = p.bad || keyword != "boolean" && keyword != "recursive"
			continue
		}
		if keyword == "attribute" {
			out = append(out, form{"attribute", call})
		}
		out = append(out, f)
		if !p.accept(",") {
			p.expect(")")
			break
		}
	}
	return out
}

func (p *parser) hash(f form, args []form) form {
	name := "sha1"
	if len(args) == 1 && args[0].kind == text {
		name = strings.Trim(args[0].text, `"`)
	}
	if name != "sha1" && name != "sha256" && name != "sha512" {
		p.bad = true
	}
	return form{text: f.text + " | " + name + "sum"}
}

// attribute is selectattr or rejectattr with a test for equality, or none.
func (p *parser) attribute(f form, name string, args []form) form {
	to := map[string]string{"selectattr": "where", "rejectattr": "whereNot"}[name]
	switch {
	case len(args) == 3 && (args[1].text == `"equalto"` || args[1].text == `"=="` || args[1].text == `"eq"`):
		return form{text: f.text + " | " + apply(to, args[0], args[2]).text}
	case len(args) == 1:
		return form{text: f.text + " | " + apply(to, args[0], form{"true", atom}).text}
	}
	p.bad = true
	return f
}

// mapped is map(attribute=...) and map('extract', container, key).
func (p *parser) mapped(f form, args []form) form {
	switch {
	case len(args) == 2 && args[0].text == "attribute":
		return form{text: f.text + " | " + apply("pluck", args[1]).text}
	case len(args) > 1 && len(args) < 4 && args[0].text == `"extract"`:
		return form{text: f.text + " | " + apply("extract", args[1:]...).text}
	}
	p.bad = true
	return f
}

// method is f.name(...) in Go form; its opening parenthesis is already read.
func (p *parser) method(f form, name string) form {
	args := p.arguments()
	switch {
	case name == "get" && (len(args) == 1 || len(args) == 2) && args[0].kind == text:
		got := field(f, strings.Trim(args[0].text, `"`))
		if len(args) == 2 {
			return form{text: got.text + " | " + apply("default", args[1]).text}
		}
		return form{text: got.text + ` | default ""`}
	case name == "items" && len(args) == 0:
		return form{text: f.text + " | dict2items"}
	case name == "join" && len(args) == 1: // ','.join(list)
		return apply("join", f, args[0])
	}
	return p.renamed(f, name, args)
}
