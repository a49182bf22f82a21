// Package program asks the programs of a host that have to do with Kubernetes, and
// the ones that gokube brings along, and reads their answers. It changes nothing and
// does not know why it is asked.
//
// # Decisions
//
// A question names all that its answer depends on, the program's own file too: so a
// check asks the host while nothing of that is predicted to change, and says unknown
// where an earlier task brings the program.
package program

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// dirs are where a host's programs are looked for, the first first.
var dirs = []string{"/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin", "/opt/bin", "/bin", "/sbin"}

// Find is the path of the program called name. One that is in no directory is
// fs.ErrNotExist; in a check the error may be an unknown.Value.
func Find(ctx context.Context, r system.Reader, name string) (string, error) {
	var vague error
	for _, dir := range dirs {
		p := path.Join(dir, name)
		switch there, err := system.Exists(ctx, r, p); {
		case there:
			return p, nil
		case err != nil && !system.Absent(err):
			return "", err
		case err != nil && vague == nil && Unknown(err):
			vague = err
		}
	}
	if vague != nil {
		return "", vague
	}
	return "", &missing{name}
}

// missing is a program that a host does not have.
type missing struct{ name string }

// Error names the program and where it was looked for.
func (m *missing) Error() string {
	return fmt.Sprintf("find %s: it is in none of %s", m.name, strings.Join(dirs, ", "))
}

// Unwrap is fs.ErrNotExist.
func (m *missing) Unwrap() error { return fs.ErrNotExist }

// Unknown reports whether err means that only applying can tell.
func Unknown(err error) bool {
	_, ok := unknown.Of(err)
	return ok
}

// Text is what c prints; a code other than 0 is an *system.ExitError.
func Text(ctx context.Context, r system.Reader, c system.Cmd) (string, error) {
	out, err := r.Query(ctx, c)
	if err == nil {
		err = out.Err(c)
	}
	if err != nil {
		return "", err
	}
	return out.Text(), nil
}

// JSON decodes what c prints into v.
func JSON(ctx context.Context, r system.Reader, c system.Cmd, v any) error {
	text, err := Text(ctx, r, c)
	if err == nil {
		err = json.Unmarshal([]byte(text), v)
	}
	if err != nil && !Unknown(err) {
		return fmt.Errorf("ask %s: %w", path.Base(c.Argv[0]), err)
	}
	return err
}

// Documents are the documents of a YAML text, parsed on the host.
func Documents(ctx context.Context, r system.Reader, text string) (docs []map[string]any, err error) {
	c := system.Cmd{Tool: true, Argv: []string{"yaml", "to-json"}, Stdin: []byte(text), Reads: []system.Key{}}
	if err := JSON(ctx, r, c, &docs); err != nil {
		return nil, err
	}
	return docs, nil
}
