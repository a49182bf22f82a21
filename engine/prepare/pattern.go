package prepare

import (
	"fmt"

	"github.com/gokube/gokube/engine/diag"
	"github.com/gokube/gokube/engine/regex/compile"
)

// pattern is v, the argument called name, compiled.
func (t Task) pattern(name string, v any) (any, error) {
	p, err := compile.Argument(t.Spec.Args.Field(name).Flags, v)
	if err != nil {
		return nil, diag.Diagnostic{Summary: "not a regular expression", Detail: fmt.Sprintf("%s: %v", name, err)}
	}
	return p, nil
}
