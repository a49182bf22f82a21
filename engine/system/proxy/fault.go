package proxy

import (
	"context"
	"errors"
	"io/fs"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
)

// fault is an error as it travels: its words, and what it is to errors.Is and As.
type fault struct {
	Text  string
	Kinds []string // names in kinds
	Exit  *system.ExitError
	Owner *system.NoOwnerError
	Later *unknown.Value
}

// kinds are the errors that keep their identity.
func kinds() map[string]error {
	return map[string]error{
		"absent": fs.ErrNotExist, "exists": fs.ErrExist, "permission": fs.ErrPermission, "invalid": fs.ErrInvalid,
		"too large": system.ErrTooLarge, "cancelled": context.Canceled, "deadline": context.DeadlineExceeded,
	}
}

func packError(err error) *fault {
	if err == nil {
		return nil
	}
	f := &fault{Text: err.Error()}
	for name, kind := range kinds() {
		if errors.Is(err, kind) {
			f.Kinds = append(f.Kinds, name)
		}
	}
	var exit *system.ExitError
	if errors.As(err, &exit) {
		f.Exit = exit
	}
	var owner *system.NoOwnerError
	if errors.As(err, &owner) {
		f.Owner = owner
	}
	if u, ok := unknown.Of(err); ok {
		f.Later = &u
	}
	return f
}

// unpack is an error that says and is what f's was.
func (f *fault) unpack() error {
	if f == nil {
		return nil
	}
	out := &remote{text: f.Text}
	for _, name := range f.Kinds {
		if kind := kinds()[name]; kind != nil {
			out.causes = append(out.causes, kind)
		}
	}
	if f.Exit != nil {
		out.causes = append(out.causes, f.Exit)
	}
	if f.Owner != nil {
		out.causes = append(out.causes, f.Owner)
	}
	if f.Later != nil {
		out.causes = append(out.causes, *f.Later)
	}
	return out
}

// remote is an error of the other side.
type remote struct {
	text   string
	causes []error
}

func (r *remote) Error() string   { return r.text }
func (r *remote) Unwrap() []error { return r.causes }
