package jinja

import (
	"regexp"
	"strconv"
	"strings"
)

// postfix is a primary with fields, keys, calls and filters.
func (p *parser) postfix() form {
	f := p.primary()
	for !p.bad {
		switch {
		case p.accept("."):
			name := p.next()
			if p.accept("(") {
				f = p.method(f, name)
			} else {
				f = field(f, name)
			}
		case p.accept("["):
			f = p.subscript(f)
		case p.accept("|"):
			f = p.filter(f)
		default:
			return f
		}
	}
	return f
}

func (p *parser) subscript(f form) form {
	key := p.ternary()
	p.expect("]")
	if s, err := strconv.Unquote(key.text); key.kind == text && err == nil {
		return field(f, s)
	}
	if key.text == "-1" {
		return apply("last", f)
	}
	if f.kind == index {
		return form{f.text + " " + key.operand(), index}
	}
	return form{"index " + f.operand() + " " + key.operand(), index}
}

func (p *parser) primary() form {
	t := p.next()
	switch t {
	case "":
		return form{}
	case "-", "+":
		t += p.next()
	case "(":
		f := p.ternary()
		p.expect(")")
		return f
	case "[":
		return apply("list", p.list("]")...)
	case "{":
		return apply("dict", p.list("}")...)
	}
	return p.word(t)
}

var number = regexp.MustCompile(`^[-+]?[0-9]`)

func (p *parser) word(t string) form {
	switch {
	case number.MatchString(t):
		return form{t, atom}
	case t[0] == '\'' || t[0] == '"':
		return literal(t)
	case goName.MatchString(t):
		return p.name(t)
	}
	p.bad = true
	return form{}
}

func literal(t string) form {
	s := t[1 : len(t)-1]
	if t[0] == '\'' {
		s = strings.ReplaceAll(s, `\'`, `'`)
	} else {
		s = strings.ReplaceAll(s, `\"`, `"`)
	}
	if strings.Contains(s, `\`) && !strings.Contains(s, "`") {
		return form{"`" + s + "`", atom}
	}
	return form{strconv.Quote(s), text}
}

func (p *parser) name(t string) form {
	switch t {
	case "true", "True":
		return form{"true", atom}
	case "false", "False":
		return form{"false", atom}
	case "none", "None":
		return form{"nil", atom}
	case "omit":
		return form{"omit", atom}
	case "lookup", "query", "range", "namespace", "and", "or", "is", "in", "if", "else", "not":
		p.bad = true
	}
	if v, ok := p.vars[t]; ok {
		p.bad = p.bad || v == ""
		return form{v, path}
	}
	if p.peek() == "(" {
		p.bad = true
	}
	return form{"." + t, path}
}

// list is expressions up to the closing bracket; in a map keys and values follow
// each other.
func (p *parser) list(end string) (out []form) {
	for !p.bad && !p.accept(end) {
		out = append(out, p.ternary())
		if p.accept(",") || end == "}" && p.accept(":") {
			continue
		}
		p.expect(end)
		break
	}
	return out
}
