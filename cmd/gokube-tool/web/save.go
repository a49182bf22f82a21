package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// save replaces the file at j's path by the body, and prints what it is.
func (j *job) save(ctx context.Context, resp *http.Response, out io.Writer) error {
	f, err := os.CreateTemp(filepath.Dir(j.path), ".gokube-tool-*")
	if err != nil {
		return &outcome.Failure{Code: outcome.Write, Err: err}
	}
	got, err := j.copy(ctx, f, resp)
	if err == nil {
		err = settle(f, j.path)
	} else {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is err
		return err
	}
	return outcome.Print(out, got)
}

// settle makes f, with the mode that a new file gets, the file at path.
func settle(f *os.File, path string) error {
	err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return &outcome.Failure{Code: outcome.Write, Err: err}
	}
	return nil
}
