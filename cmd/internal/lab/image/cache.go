//go:build linux

package image

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokube/gokube/cmd/internal/lab/state"
)

// CacheVariable names the environment variable that moves the cache.
const CacheVariable = "GOKUBE_LAB_CACHE"

// Cache is the folder that images and packages are kept in.
type Cache struct {
	Root string
	Log  io.Writer // says that a build has begun
}

// DefaultCache is the machine's own cache.
func DefaultCache(log io.Writer) Cache {
	if dir := os.Getenv(CacheVariable); dir != "" {
		return Cache{dir, log}
	}
	return Cache{"/var/cache/gokube-lab", log}
}

// Packages is where the proxy keeps package files.
func (c Cache) Packages() string { return filepath.Join(c.Root, "packages") }

func (c Cache) images() string { return filepath.Join(c.Root, "images") }

// Layers gives the root file systems of a variant, the topmost first, building
// what is missing. Images that inUse does not list and that are of another recipe
// are deleted after a build.
func (c Cache) Layers(ctx context.Context, variant string, s Sources, inUse func() []string) ([]string, error) {
	if err := checkVariant(variant); err != nil {
		return nil, err
	}
	lock, err := state.Acquire(ctx, filepath.Join(c.Root, ".lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	r := plainRecipe(s)
	plain := filepath.Join(c.images(), Plain+"-"+key(r))
	if err := c.ensure(plain, inUse, func(dir string) error { return c.buildPlain(ctx, dir, r) }); err != nil {
		return nil, err
	}
	if variant == Plain {
		return []string{plain}, nil
	}
	l := layer{key(r), []string{"python3", "python3-apt"}}
	top := filepath.Join(c.images(), variant+"-"+key(l))
	keep := func() []string { return append(inUse(), plain) }
	if err := c.ensure(top, keep, func(dir string) error { return c.buildLayer(ctx, dir, plain, l) }); err != nil {
		return nil, err
	}
	return []string{top, plain}, nil
}

// ensure builds the image at path unless it is there.
func (c Cache) ensure(path string, inUse func() []string, build func(dir string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(c.images(), 0o755); err != nil {
		return err
	}
	c.prune(path, inUse())
	fmt.Fprintf(c.Log, "building image %s, once; this takes a minute\n", filepath.Base(path))
	dir, err := os.MkdirTemp(c.images(), ".tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rootfs := filepath.Join(dir, "rootfs")
	if err := os.Mkdir(rootfs, 0o755); err != nil {
		return err
	}
	if err := build(rootfs); err != nil {
		return fmt.Errorf("build image %s: %w", filepath.Base(path), err)
	}
	return os.Rename(rootfs, path)
}

// prune deletes what killed builds left, and images of the same variant that
// neither path nor keep names. Nobody else builds: the caller holds the lock.
func (c Cache) prune(path string, keep []string) {
	entries, _ := os.ReadDir(c.images())
	variant, _, _ := strings.Cut(filepath.Base(path), "-")
	used := map[string]bool{path: true}
	for _, k := range keep {
		used[k] = true
	}
	for _, e := range entries {
		full := filepath.Join(c.images(), e.Name())
		if strings.HasPrefix(e.Name(), ".tmp-") || strings.HasPrefix(e.Name(), variant+"-") && !used[full] {
			_ = os.RemoveAll(full)
		}
	}
}
