package jinja

import (
	"regexp"
	"strconv"
	"strings"
)

// form is a Go expression and how more can be put to it.
type form struct {
	text string
	kind kind
}

type kind int

const (
	call  kind = iota // needs parentheses as an operand
	atom              // a literal, a variable: none needed
	path              // .a.b or $x.y: a field can be put to it
	index             // index .a "b": a key can be put to it
	text              // a string literal
)

// operand is f as an argument.
func (f form) operand() string {
	if f.kind == call || f.kind == index {
		return "(" + f.text + ")"
	}
	return f.text
}

// apply is a call of name with operands.
func apply(name string, args ...form) form {
	for _, a := range args {
		name += " " + a.operand()
	}
	return form{text: name}
}

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

var goName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// field is f.name.
func field(f form, name string) form {
	switch {
	case f.kind == index:
		return form{f.text + " " + strconv.Quote(name), index}
	case !goName.MatchString(name):
		return form{"index " + f.operand() + " " + strconv.Quote(name), index}
	case f.kind == path && f.text != ".":
		return form{f.text + "." + name, path}
	}
	return form{"(" + f.text + ")." + name, path}
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
