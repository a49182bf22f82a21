package scope

import (
	"github.com/gokube/gokube/engine/playbook"
	"github.com/gokube/gokube/engine/playbook/argument"
	"github.com/gokube/gokube/engine/template"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/vars"
)

// Misfits are the variables that are not what options want. One that cannot be
// evaluated is left to the task that uses it, if one does.
func (s *Scope) Misfits(options map[string]playbook.Option) []argument.Misfit {
	return argument.Check(options, func(name string) any {
		x, ok := s.Child(name)
		if !ok {
			return nil
		}
		v, err := s.Resolve(x)
		switch {
		case err != nil:
			return unknown.Value{Why: err.Error()}
		case template.IsOmit(v):
			return nil
		}
		return template.WithoutOmitted(v)
	})
}

// Level is where the variable called name comes from, 0 if it is not set.
func (s *Scope) Level(name string) vars.Level {
	for _, o := range s.view.Origins(name) {
		return o.Level
	}
	return 0
}
