package playbook

import "github.com/gokube/gokube/engine/diag"

// Role is one use of a role: its files, and the parameters it was given.
type Role struct {
	diag.Pos   // where it is used
	Name, Path string
	Defaults   map[string]any
	Vars       map[string]any
	Params     map[string]any // role params: other keys beside role: in roles:, of very high precedence
	Private    bool           // vars and defaults are seen by its own tasks only (include_role without public)
	Duplicates bool           // allow_duplicates
	Spec       *ArgSpec       // nil if the role has none
	Parents    []string       // names of the roles that brought it, nearest first
	Key        string         // equal for uses that count as the same
	Handlers   []*Task
	Tasks      []Node
}

// ArgSpec is what a role's entry point takes.
type ArgSpec struct {
	Summary string
	Options map[string]Option
}

// Option is one argument of a role.
type Option struct {
	diag.Pos
	Type        string // str, int, float, bool, list, dict, path, raw
	Elements    string
	Required    bool
	Default     any
	Choices     []any
	Description []string
	Options     map[string]Option // of a dict, or of the elements of a list
}

// Describe is the first line of what is said of the option called name, "" if
// nothing is.
func (o Option) Describe(name string) string {
	if len(o.Description) == 0 {
		return ""
	}
	return name + ": " + o.Description[0]
}
