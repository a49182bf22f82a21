package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gokube/gokube/engine/system"
)

// without is what a host without a runner cannot do.
type without struct{}

func unsupported(what string) error {
	return fmt.Errorf("%s: %w without a runner", what, errors.ErrUnsupported)
}

// Facts are empty.
func (without) Facts() *system.Facts { return &system.Facts{} }

// Open is not supported.
func (without) Open(path string) (io.ReadCloser, error) { return nil, unsupported("open " + path) }

// Digest is not supported.
func (without) Digest(path string) (string, error) { return "", unsupported("read " + path) }

// Lstat is not supported.
func (without) Lstat(path string) (system.Info, error) {
	return system.Info{}, unsupported("look up " + path)
}

// ReadDir is not supported.
func (without) ReadDir(path string) ([]system.Info, error) { return nil, unsupported("list " + path) }

// Object is not supported.
func (without) Object(_ context.Context, k system.Key) (system.Object, error) {
	return nil, unsupported("look up " + k.String())
}

// WriteFile is not supported.
func (without) WriteFile(path string, _ system.Content, _ system.Attrs) error {
	return unsupported("write " + path)
}

// Mkdir is not supported.
func (without) Mkdir(path string, _ system.Attrs) error { return unsupported("make " + path) }

// Symlink is not supported.
func (without) Symlink(_, path string) error { return unsupported("link " + path) }

// SetAttrs is not supported.
func (without) SetAttrs(path string, _ system.Attrs) error { return unsupported("change " + path) }

// Remove is not supported.
func (without) Remove(path string) error { return unsupported("remove " + path) }
