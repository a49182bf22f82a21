package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template/jinja"
	"github.com/gokube/gokube/engine/unknown"
)

const withheld = "(withheld: the template holds a secret)"

// failure is a problem that has its place: the innermost text's.
type failure struct{ diag.Diagnostic }

// Unwrap gives the Diagnostic to errors.As.
func (f failure) Unwrap() error { return f.Diagnostic }

var (
	parsePrefix = regexp.MustCompile(`^template: [^:]*:(\d+): `)
	execPrefix  = regexp.MustCompile(`^template: [^:]*:(\d+):(\d+): `)
	calling     = regexp.MustCompile(`(?s)error calling (\w+): (.*)$`)
)

// at is err with a place, unless it has one or is an unknown.
func at(err error, p diag.Pos) error {
	if err == nil || errors.As(err, new(failure)) {
		return err
	}
	if _, ok := unknown.Of(err); ok {
		return err
	}
	var m missing
	if errors.As(err, &m) {
		m.Pos = p
		return m
	}
	var d diag.Diagnostic
	if errors.As(err, &d) {
		d.Pos = p
		return d
	}
	return err
}

// located is err as a failure at its place in t, with text/template's own prose
// cut off. What may hold a secret is withheld.
func located(err error, t *Text, tainted bool) error {
	if f := (failure{}); errors.As(err, &f) {
		return f
	}
	p, text := position(err, t)
	var d diag.Diagnostic
	if !errors.As(err, &d) {
		d = diag.Diagnostic{Summary: "template", Detail: text}
		if tainted {
			d.Detail = withheld
		}
	}
	var m missing
	if tainted && errors.As(err, &m) && (t.Secret || !strings.Contains(t.Src, strings.Trim(strings.Fields(d.Detail)[0], `"`))) {
		d.Detail, d.Hint = withheld, ""
	}
	if d.Pos == (diag.Pos{}) {
		d.Pos = p
	}
	return failure{d}
}

// position reads the place and the message out of an error of text/template.
func position(err error, t *Text) (diag.Pos, string) {
	text := err.Error()
	p := t.At
	if m := execPrefix.FindStringSubmatch(text); m != nil {
		line, _ := strconv.Atoi(m[1])
		col, _ := strconv.Atoi(m[2])
		p = t.pos(lineStart(t.source(), line) + col)
	}
	if m := calling.FindStringSubmatch(text); m != nil {
		return p, m[1] + ": " + m[2]
	}
	if i := strings.LastIndex(text, ">: "); i >= 0 {
		text = text[i+3:]
	}
	return p, strings.ReplaceAll(strings.ReplaceAll(text, "*template.null", "null"), "interface {}", "any")
}

// lineStart is the offset of line number n, counted from 1.
func lineStart(s string, n int) int {
	at := 0
	for range n - 1 {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return at
}

// syntax is a problem found in t at an offset of its source, with the Go form if
// it looks like Jinja. An offset below 0 is to be read out of the message.
func syntax(t *Text, offset int, err error) error {
	detail := err.Error()
	if m := parsePrefix.FindStringSubmatch(detail); m != nil {
		detail = detail[len(m[0]):]
		line, _ := strconv.Atoi(m[1])
		offset = lineStart(t.source(), line)
		if i := strings.Index(t.source()[offset:], "{{"); i >= 0 {
			offset += i
		}
	}
	d := diag.Diagnostic{Pos: t.pos(offset), Summary: "template syntax", Detail: detail}
	if t.Secret {
		d.Detail = withheld
		return failure{d}
	}
	hint := ""
	if t.form == bare {
		hint = jinja.Condition(t.Src)
	} else {
		hint = jinja.Hint(t.Src, offset)
	}
	if hint != "" {
		d.Hint = "write " + hint
	}
	return failure{d}
}

// statement refuses Jinja that a Go template would print as it is.
func statement(t *Text) error {
	at := jinja.Statement(t.Src)
	if at < 0 || t.form == bare {
		return nil
	}
	if t.Secret {
		return failure{diag.Diagnostic{Pos: t.pos(at), Summary: "jinja in a template", Detail: withheld}}
	}
	d := diag.Diagnostic{Pos: t.pos(at), Summary: "jinja in a template", Detail: fmt.Sprintf("%q", short(t.Src[at:min(len(t.Src), at+40)]))}
	if hint := jinja.Hint(t.Src, at); hint != "" {
		d.Hint = "write " + hint
	}
	return failure{d}
}
