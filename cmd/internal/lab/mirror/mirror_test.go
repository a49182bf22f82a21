//go:build linux

package mirror

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
)

// The working folder is the process's, so the tests of this file run one by one.

func builder(t *testing.T) Builder {
	t.Helper()
	return Builder{
		Cache: t.TempDir(),
		Log:   io.Discard,
		Base:  func(context.Context) (build.Base, error) { return build.Base{}, errors.New("asked for a base") },
		InUse: func() []string { return nil },
	}
}

func TestSitesBuiltBeforeAreServedOutsideOfTheSources(t *testing.T) {
	b := builder(t)
	t.Chdir(t.TempDir())
	if _, err := b.Sites(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	var want []string
	for _, r := range []string{"1.9", "1.10"} {
		site := filepath.Join(b.Cache, "sites", r+"-abc")
		if err := errors.Join(os.MkdirAll(site, 0o755), os.Symlink(r+"-abc", filepath.Join(b.Cache, "sites", "current-"+r))); err != nil {
			t.Fatal(err)
		}
		want = append(want, site)
	}
	got, err := b.Sites(t.Context())
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestSourcesAreBuiltFrom(t *testing.T) {
	b := builder(t)
	if _, err := b.Sites(t.Context()); err == nil || err.Error() != "asked for a base" {
		t.Error(err)
	}
	b.Recipes = t.TempDir()
	if _, err := b.Sites(t.Context()); err == nil {
		t.Error("a folder without recipes passed")
	}
}
