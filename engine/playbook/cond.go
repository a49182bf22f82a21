package playbook

import (
	"fmt"
	"strings"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/template"
)

// CondOf is a condition as YAML gives it: a bool, or text. p is its place.
func CondOf(x any, p diag.Pos) (Cond, error) {
	switch x := x.(type) {
	case bool:
		return Cond{Pos: p, Bool: &x}, nil
	case string:
		return Cond{Pos: p, Text: strings.TrimSpace(x)}, nil
	case *template.Text:
		return Cond{Pos: x.At, Text: x.Src}, nil
	}
	return Cond{}, diag.Diagnostic{Pos: p, Summary: "condition is not true, false or text", Detail: fmt.Sprintf("%v", x)}
}

// String is c as it is written.
func (c Cond) String() string {
	if c.Bool != nil {
		return fmt.Sprint(*c.Bool)
	}
	return c.Text
}
