package template

import (
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/source"
	"github.com/gokube/gokube/engine/unknown"
)

// Condition is what `when` and its kin hold: true, false, or a pipeline that
// comes to one of them. It may be used by many goroutines.
type Condition struct {
	fixed bool
	text  *Text // nil if fixed decides
}

// ConditionOf is the condition that YAML holds as x: a bool, or text. at is its
// place.
func ConditionOf(x any, at diag.Pos) (*Condition, error) {
	switch x := x.(type) {
	case bool:
		return &Condition{fixed: x}, nil
	case string:
		return &Condition{text: Pipeline(x, at)}, nil
	case source.Scalar:
		return &Condition{text: PipelineFrom(x)}, nil
	case *Text:
		return &Condition{text: &Text{Src: x.Src, At: x.At, Exact: x.Exact, form: bare}}, nil
	}
	return nil, diag.Diagnostic{Pos: at, Summary: "condition is not true, false or text", Detail: "it is " + Describe(x)}
}

// String is c as it is written.
func (c *Condition) String() string {
	switch {
	case c.text != nil:
		return c.text.Src
	case c.fixed:
		return "true"
	}
	return "false"
}

// Check is Check of c's pipeline.
func (c *Condition) Check() error {
	if c.text == nil {
		return nil
	}
	return Check(c.text)
}

// Test evaluates c in scope. why is set, and truth meaningless, if it depends on
// an unknown.
func (c *Condition) Test(scope Lazy) (truth bool, why *unknown.Value, err error) {
	if c.text == nil {
		return c.fixed, nil, nil
	}
	return test(scope, c.text)
}

// TestAll tells whether all of cs hold. They are evaluated in order up to the
// first that is false or wrong; a false one decides even after one that is
// unknown. by is the condition that was false, nil if there is none.
func TestAll(scope Lazy, cs []*Condition) (truth bool, by *Condition, why *unknown.Value, err error) {
	for _, c := range cs {
		truth, u, err := c.Test(scope)
		switch {
		case err != nil:
			return false, nil, why, err
		case u != nil && why == nil:
			why = u
		case u == nil && !truth:
			return false, c, nil, nil
		}
	}
	return why == nil, nil, why, nil
}

// Test evaluates the condition expr, which is parsed anew each time; at is its
// place. why is set, and truth meaningless, if it depends on an unknown.
func Test(scope Lazy, expr string, at diag.Pos) (truth bool, why *unknown.Value, err error) {
	return test(scope, Pipeline(expr, at))
}

func test(scope Lazy, t *Text) (truth bool, why *unknown.Value, err error) {
	x, err := Resolve(scope, t)
	if err != nil {
		return false, nil, err
	}
	switch x := x.(type) {
	case bool:
		return x, nil, nil
	case unknown.Value:
		return false, &x, nil
	}
	d := diag.Diagnostic{Pos: t.At, Summary: "condition is not true or false", Detail: "it is " + Describe(x)}
	if _, ok := x.(string); ok {
		d.Hint = "compare it, or put `| bool` behind it"
	}
	return false, nil, d
}

// braces refuses a pipeline that is written as a template.
func braces(t *Text) error {
	if t.form != bare {
		return nil
	}
	if strings.TrimSpace(t.Src) == "" {
		return diag.Diagnostic{Pos: t.At, Summary: "condition is empty"}
	}
	if strings.Contains(t.Src, "{{") {
		return diag.Diagnostic{Pos: t.At, Summary: "braces in a condition", Hint: "write " + strings.Trim(t.Src, "{} \n")}
	}
	return nil
}
