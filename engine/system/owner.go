package system

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
)

// NoOwnerError is the answer for an owner or a group that a host does not know.
type NoOwnerError struct{ Kind, Name, Path string } // Kind is "user" or "group"

// Error names the path, and the user or group that is missing.
func (e *NoOwnerError) Error() string {
	what := "group"
	if e.Kind == "user" {
		what = "owner"
	}
	return fmt.Sprintf("set %s of %s: there is no %s %q", what, e.Path, e.Kind, e.Name)
}

// Named is a with numbers replaced by the names r's /etc/passwd and /etc/group
// have for them, so that it can be compared with what Lstat says.
func (a Attrs) Named(r Reader) Attrs {
	return Attrs{Owner: named(r, "/etc/passwd", a.Owner), Group: named(r, "/etc/group", a.Group), Mode: a.Mode}
}

// named keeps what is no number, or has no name: then Lstat says the number too.
func named(r Reader, file, id string) string {
	if _, err := strconv.ParseUint(id, 10, 32); err != nil {
		return id
	}
	f, err := r.Open(file)
	if err != nil {
		return id
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if field := strings.Split(lines.Text(), ":"); len(field) > 2 && field[2] == id {
			return field[0]
		}
	}
	return id
}
