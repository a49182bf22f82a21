package jinja

import (
	"regexp"
	"strings"
)

var token = regexp.MustCompile(`\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(==|!=|<=|>=|//|\*\*|[-+*/%<>~|.,:()\[\]{}=]))`)

// parser reads one Jinja expression. What it does not know sets bad.
type parser struct {
	tokens []string
	vars   map[string]string
	bad    bool
	depth  int
}

// expression is src in Go form; ok is false if it has none known.
func expression(src string, vars map[string]string) (out string, ok bool) {
	p := &parser{vars: vars}
	for rest := strings.TrimSpace(src); rest != ""; rest = strings.TrimSpace(rest) {
		m := token.FindString(rest)
		if m == "" || !strings.HasPrefix(rest, m) {
			return "", false
		}
		p.tokens, rest = append(p.tokens, strings.TrimSpace(m)), rest[len(m):]
	}
	f := p.ternary()
	return f.text, !p.bad && len(p.tokens) == 0 && f.text != ""
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t == "" {
		p.bad = true
		return ""
	}
	p.tokens = p.tokens[1:]
	return t
}

// accept takes the words if they come next.
func (p *parser) accept(words ...string) bool {
	if len(p.tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if p.tokens[i] != w {
			return false
		}
	}
	p.tokens = p.tokens[len(words):]
	return true
}

func (p *parser) expect(word string) {
	if !p.accept(word) {
		p.bad = true
	}
}

func (p *parser) ternary() form {
	if p.depth++; p.depth > 50 {
		p.bad = true
		return form{}
	}
	defer func() { p.depth-- }()
	f := p.chain("or", func() form { return p.chain("and", p.not) })
	if !p.accept("if") {
		return f
	}
	cond, other := p.ternary(), form{`""`, text}
	if p.accept("else") {
		other = p.ternary()
	}
	return apply("ternary", f, other, cond)
}

// chain is operands with the operator between: and, or take any number.
func (p *parser) chain(op string, operand func() form) form {
	fs := []form{operand()}
	for p.accept(op) {
		fs = append(fs, operand())
	}
	if len(fs) == 1 {
		return fs[0]
	}
	return apply(op, fs...)
}

func (p *parser) not() form {
	n := 0
	for p.accept("not") {
		n++
	}
	f := p.comparison()
	for range n {
		f = apply("not", f)
	}
	return f
}

func (p *parser) comparison() form {
	f := p.concat()
	names := map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
	for {
		switch op := p.peek(); {
		case names[op] != "":
			p.next()
			f = apply(names[op], f, p.concat())
		case p.accept("in"):
			f = within(f, p.concat())
		case p.accept("not", "in"):
			f = apply("not", within(f, p.concat()))
		case p.accept("is", "not"):
			f = apply("not", p.test(f))
		case p.accept("is"):
			f = p.test(f)
		default:
			return f
		}
	}
}

func within(f, in form) form {
	if in.kind == text {
		return apply("contains", f, in)
	}
	return apply("has", f, in)
}

func (p *parser) concat() form {
	fs := []form{p.sum()}
	for p.accept("~") {
		fs = append(fs, p.sum())
	}
	if len(fs) == 1 {
		return fs[0]
	}
	return apply("print", fs...)
}

func (p *parser) sum() form {
	f := p.product()
	for {
		switch {
		case p.accept("+"):
			r := p.product()
			if f.kind == text || r.kind == text || strings.HasPrefix(f.text, "print ") {
				f = apply("print", f, r)
			} else {
				f = apply("add", f, r)
			}
		case p.accept("-"):
			f = apply("sub", f, p.product())
		default:
			return f
		}
	}
}

func (p *parser) product() form {
	f := p.postfix()
	names := map[string]string{"*": "mul", "/": "divf", "//": "div", "%": "mod"}
	for names[p.peek()] != "" {
		f = apply(names[p.next()], f, p.postfix())
	}
	return f
}
