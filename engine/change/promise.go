package change

import (
	"fmt"
	"slices"
)

// Broken lists the promises a check made that a run did not keep: a change that
// was certain and did not happen as shown, and one that happened unannounced.
// So certain <= done <= certain + possible. Waits promise nothing.
func Broken(predicted, done []Change) (out []string) {
	for _, p := range predicted {
		if p.Certain() && p.Counts() && !slices.ContainsFunc(done, p.becomes) {
			out = append(out, fmt.Sprintf("did not happen: %s %s %s", p.Action, p.Kind, p.Target))
		}
	}
	for _, d := range done {
		if d.Counts() && !slices.ContainsFunc(predicted, func(p Change) bool { return p.becomes(d) }) {
			out = append(out, fmt.Sprintf("was not announced: %s %s %s", d.Action, d.Kind, d.Target))
		}
	}
	return out
}

// becomes reports whether d is what c announced. A possible create may turn out
// to be an update, and what is known after apply may be anything.
func (c Change) becomes(d Change) bool {
	if c.Kind != d.Kind || c.Target != d.Target || c.Action != d.Action && c.Doubt == "" {
		return false
	}
	if c.After == nil || d.After == nil {
		return c.After == d.After
	}
	if c.After.Secret || d.After.Secret {
		return c.After.Secret == d.After.Secret
	}
	return c.After.settles(d.After)
}

// settles reports whether v is w as far as v is known.
func (v *Value) settles(w *Value) bool {
	for i, a := range v.Attrs {
		if a.Value != Later && (i >= len(w.Attrs) || w.Attrs[i] != a) {
			return false
		}
	}
	return v.Text == nil || w.Text != nil && *v.Text == *w.Text
}
