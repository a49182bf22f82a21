package moduletest

import (
	"context"
	"fmt"
	"maps"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/regex/compile"
	"github.com/gokube/gokube/engine/system"
)

// prepared is a module whose patterns are compiled, as a controller does.
type prepared struct{ module.Module }

// Plan compiles the patterns among args and plans.
func (p prepared) Plan(ctx context.Context, r system.Reader, args module.Args) (*module.Plan, error) {
	args = maps.Clone(args)
	for name, v := range args {
		f := p.Spec().Args.Field(name)
		if f == nil || f.Type != module.Regexp {
			continue
		}
		ready, err := compile.Argument(f.Flags, v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		args[name] = ready
	}
	return p.Module.Plan(ctx, r, args)
}
