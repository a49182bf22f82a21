// Package edit holds the modules that edit a text file in place: lines, blocks
// and patterns. The editing itself is functions from text to text; how a file is
// replaced lies in package place.
package edit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/files/place"
)

// Modules are the family's modules.
func Modules() []module.Module {
	return []module.Module{Blockinfile, Lineinfile, Replace}
}

var output = []module.Doc{{Name: "path", Text: "the file, links followed"}, {Name: "backup_file", Text: "where the old content is, if it was kept"}}

// file is a file to edit.
type file struct {
	path   string
	create bool // it may be missing, and is made
	absent bool // it may be missing, and that is all right
	secret bool
	attrs  place.FileAttrs
	safety place.Safety
}

// plan plans the edit of f. What is there decides what comes out, so an answer
// that is not known is passed on.
func (f file) plan(ctx context.Context, r system.Reader, edit func(string) (string, error)) (*module.Plan, error) {
	p, err := place.Abs(r, f.path)
	if err == nil {
		p, err = place.Real(r, p)
	}
	if err != nil {
		return nil, err
	}
	plan := &module.Plan{Output: map[string]any{"path": p, "dest": p}}
	data, err := system.ReadFile(r, p)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.absent:
		plan.Note = p + " is not there"
		return plan, nil
	case errors.Is(err, fs.ErrNotExist) && !f.create:
		return nil, fmt.Errorf("edit %s: it is not there; create: true makes it", p)
	case errors.Is(err, fs.ErrInvalid):
		return nil, fmt.Errorf("edit %s: it is not a file", p)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	text, err := edit(string(data))
	if err != nil {
		return nil, err
	}
	to := place.File{Path: p, Content: system.Data([]byte(text)), From: &data, Attrs: f.attrs, Secret: f.secret, Safety: f.safety}
	backup, err := to.Plan(ctx, r, plan)
	if backup != "" {
		plan.Output["backup_file"] = backup
	}
	return plan, err
}
