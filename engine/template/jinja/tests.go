package jinja

import "strings"

// test reads the name of a test, and its arguments, and puts it to f.
func (p *parser) test(f form) form {
	name := p.next()
	for p.accept(".") {
		name = p.next()
	}
	var args []form
	if p.accept("(") {
		args = p.arguments()
	}
	switch name {
	case "defined":
		return p.defined(f)
	case "undefined":
		return apply("not", p.defined(f))
	case "none":
		return apply("empty", f)
	case "changed", "skipped", "failed":
		return field(f, name)
	case "succeeded", "success":
		return apply("not", field(f, "failed"))
	case "true", "truthy":
		return f
	case "false", "falsy":
		return apply("not", f)
	}
	return p.compared(f, name, args)
}

func (p *parser) compared(f form, name string, args []form) form {
	kinds := map[string]string{"string": "string", "mapping": "map", "sequence": "slice", "boolean": "bool", "integer": "int", "float": "float64"}
	if kinds[name] != "" {
		return apply("kindIs", form{`"` + kinds[name] + `"`, text}, f)
	}
	if name == "version" || name == "version_compare" {
		args = append(args, form{`"=="`, text})
		p.bad = p.bad || len(args) == 1
		return apply("versionCompare", args[min(1, len(args)-1)], args[0], f)
	}
	if len(args) != 1 {
		p.bad = true
		return f
	}
	return p.comparedTo(f, name, args[0])
}

func (p *parser) comparedTo(f form, name string, a form) form {
	switch name {
	case "search", "regex":
		return apply("regexMatch", a, f)
	case "match":
		return apply("regexMatch", anchored(a), f)
	case "equalto", "eq":
		return apply("eq", f, a)
	case "in":
		return within(f, a)
	}
	p.bad = true
	return f
}

// anchored is the expression a for the beginning of a text only.
func anchored(a form) form {
	if !strings.HasPrefix(a.text, `"`) && !strings.HasPrefix(a.text, "`") {
		return apply("print", form{`"^"`, text}, a)
	}
	quote, pattern := a.text[:1], a.text[1:len(a.text)-1]
	switch {
	case strings.Contains(pattern, "|"):
		pattern = "^(?:" + pattern + ")"
	case !strings.HasPrefix(pattern, "^"):
		pattern = "^" + pattern
	}
	return form{quote + pattern + quote, text}
}

// defined is hasKey for a path, or for a key of one.
func (p *parser) defined(f form) form {
	if f.kind == index {
		at := strings.LastIndex(f.text, " ")
		of := f.text[:at]
		if inner := strings.TrimPrefix(of, "index "); !strings.Contains(inner, " ") {
			of = inner
		} else {
			of = "(" + of + ")"
		}
		return form{text: "hasKey " + of + f.text[at:]}
	}
	at := strings.LastIndex(f.text, ".")
	if f.kind != path || at < 0 {
		p.bad = true
		return f
	}
	of := f.text[:at]
	if of == "" {
		of = "."
	}
	return form{text: "hasKey " + of + ` "` + f.text[at+1:] + `"`}
}
