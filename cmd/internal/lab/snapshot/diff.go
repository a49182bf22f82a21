//go:build linux

package snapshot

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says what happened to a path.
type Kind string

// The kinds of a Change.
const (
	Added   Kind = "added"
	Changed Kind = "changed"
	Deleted Kind = "deleted"
)

// Change is one path that differs. Before is nil for one that was added, After
// for one that was deleted.
type Change struct {
	Path          string
	Kind          Kind
	Before, After *Entry
}

// Diff lists what differs between two views of the disk, sorted by path.
func (d Disk) Diff(before, after View) ([]Change, error) {
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range after {
		paths[p] = true
	}
	var changes []Change
	for p := range paths {
		b, err := d.entry(before, p)
		if err != nil {
			return nil, err
		}
		a, err := d.entry(after, p)
		if err != nil {
			return nil, err
		}
		if c := (Change{p, Changed, b, a}); c.settle() {
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

// entry is what p held at the time of the view. What lies beside the overlay was
// not there unless the view has it; anything else is what the lower folders say.
func (d Disk) entry(v View, p string) (*Entry, error) {
	if e, ok := v[p]; ok {
		return e, nil
	}
	for at := range d.Beside {
		if strings.HasPrefix(p, at+"/") {
			return nil, nil
		}
	}
	return d.below(p)
}

// settle names the change; false means that there is none.
func (c *Change) settle() bool {
	switch {
	case c.Before == nil && c.After == nil:
		return false
	case c.Before == nil:
		c.Kind = Added
	case c.After == nil:
		c.Kind = Deleted
	default:
		return len(c.Details()) > 0
	}
	return true
}

// Details says in what a changed path differs: "content", "mode 0644 -> 0600".
func (c Change) Details() []string {
	b, a := c.Before, c.After
	if b == nil || a == nil {
		return nil
	}
	found := c.contents()
	if b.Mode != a.Mode && b.Type != "link" && a.Type != "link" {
		found = append(found, fmt.Sprintf("mode %s -> %s", b.Mode, a.Mode))
	}
	if b.UID != a.UID || b.GID != a.GID {
		found = append(found, fmt.Sprintf("owner %d:%d -> %d:%d", b.UID, b.GID, a.UID, a.GID))
	}
	if b.Xattrs != a.Xattrs {
		found = append(found, "extended attributes")
	}
	return found
}

// contents says in what the type or the contents of a changed path differ.
func (c Change) contents() (found []string) {
	b, a := c.Before, c.After
	if b.Type != a.Type {
		return []string{fmt.Sprintf("%s -> %s", b.Type, a.Type)}
	}
	if b.SHA256 != a.SHA256 {
		found = append(found, "content")
	}
	if b.Link != a.Link {
		found = append(found, fmt.Sprintf("%s -> %s", b.Link, a.Link))
	}
	return found
}

// String renders the change on one line.
func (c Change) String() string {
	if d := c.Details(); len(d) > 0 {
		return fmt.Sprintf("%-7s %s (%s)", c.Kind, c.Path, strings.Join(d, ", "))
	}
	return fmt.Sprintf("%-7s %s", c.Kind, c.Path)
}
