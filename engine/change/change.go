// Package change describes what a task would do to a host, as plain data.
//
// It is the vocabulary shared by modules (which produce changes), the wire
// protocol (which carries them) and reporters (which render them). It imports
// nothing else in gokube and knows no host.
package change

// Action names the effect of a change on its target.
type Action string

// The actions a change can have.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Run    Action = "run"  // an opaque command whose effects cannot be predicted, or a restart
	Wait   Action = "wait" // blocks until something holds; not counted as a change
)

// Later is the Value of an attribute that is known after apply.
const Later = "(known after apply)"

// Change is one predicted or done effect on one target. Before is nil for a
// Create, After for a Delete; both are nil for an opaque command.
type Change struct {
	Action Action `json:"action"`
	Kind   string `json:"kind"`   // "file", "directory", "package", "unit", ...
	Target string `json:"target"` // "/etc/hosts", "nginx", ...
	Before *Value `json:"before,omitempty"`
	After  *Value `json:"after,omitempty"`
	Doubt  string `json:"doubt,omitempty"` // if not empty, the change is possible only, and this is why
}

// Certain reports whether c will happen as shown.
func (c Change) Certain() bool { return c.Doubt == "" }

// Counts reports whether c counts as a change of the host; a Wait does not.
func (c Change) Counts() bool { return c.Action != Wait }

// Value is one side of a diff: attributes in a stable order, and text content
// when the target has any.
type Value struct {
	Attrs []Attr  `json:"attrs,omitempty"`
	Text  *string `json:"text,omitempty"`
	// Secret says that Text and every Attr were masked and tell nothing.
	Secret bool `json:"secret,omitempty"`
}

// Attr is one named attribute of a Value.
type Attr struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attrs makes a Value of name, value, name, value, ...; a pair whose value is ""
// is left out.
func Attrs(pairs ...string) *Value {
	v := &Value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Attrs = append(v.Attrs, Attr{pairs[i], pairs[i+1]})
		}
	}
	return v
}
