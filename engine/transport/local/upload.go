package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/engine/transport"
)

// Upload writes to a temporary file beside path and renames it.
func (c *conn) Upload(ctx context.Context, r io.Reader, size int64, path string, mode fs.FileMode) error {
	if err := errors.Join(ctx.Err(), c.Err()); err != nil {
		return err
	}
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(c.home, full)
	}
	f, err := os.CreateTemp(filepath.Dir(full), ".gokube-*")
	if err != nil {
		return &transport.UploadError{Path: path, Cause: err}
	}
	if err := fill(f, readerOf(ctx, r), size, mode); err != nil {
		_ = os.Remove(f.Name())
		return &transport.UploadError{Path: path, Cause: err}
	}
	if err := os.Rename(f.Name(), full); err != nil {
		_ = os.Remove(f.Name())
		return &transport.UploadError{Path: path, Cause: err}
	}
	return nil
}

func fill(f *os.File, r io.Reader, size int64, mode fs.FileMode) error {
	n, err := io.Copy(f, r)
	if err == nil && n != size {
		err = fmt.Errorf("read %d bytes of %d", n, size)
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	return errors.Join(err, f.Close())
}

// readerFunc is a Reader that asks for permission first.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func readerOf(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}
