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
	switch {
	case kinds[name] != "":
		return apply("kindIs", form{`"` + kinds[name] + `"`, text}, f)
	case (name == "search" || name == "regex") && len(args) == 1:
		return apply("regexMatch", args[0], f)
	case name == "match" && len(args) == 1 && args[0].kind != call:
		return apply("regexMatch", form{args[0].text[:1] + "^" + args[0].text[1:], text}, f)
	case (name == "version" || name == "version_compare") && (len(args) == 2 || len(args) == 1):
		args = append(args, form{`"=="`, text})
		return apply("versionCompare", args[1], args[0], f)
	case (name == "equalto" || name == "eq") && len(args) == 1:
		return apply("eq", f, args[0])
	case name == "in" && len(args) == 1:
		return within(f, args[0])
	}
	p.bad = true
	return f
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
