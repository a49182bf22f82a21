//go:build linux

// Package mirror stands in a lab for the public sites that a cluster is installed
// from: it has what the recipes name built, and serves it. It does not know what a
// lab is, nor who asks.
package mirror

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/recipe"
)

// Port is where a lab's mirror listens, on the lab's gateway.
const Port = "3143"

// Builder makes the mirror's sites.
type Builder struct {
	Cache   string // the folder that builds and sites are kept in
	Recipes string // the folder of recipes; empty: the one nearest above the working folder
	Base    func(context.Context) (build.Base, error)
	InUse   func() []string // sites that labs serve
	Log     io.Writer
}

// Build makes what is missing and gives the folders of all sites, the oldest
// release first.
func (b Builder) Build(ctx context.Context) ([]string, error) {
	dir := b.Recipes
	if dir == "" {
		var err error
		if dir, err = recipe.Find("."); err != nil {
			return nil, err
		}
	}
	recipes, err := recipe.LoadAll(dir)
	if err != nil {
		return nil, err
	}
	base, err := b.Base(ctx)
	if err != nil {
		return nil, err
	}
	return b.cache().Make(ctx, recipes, base, b.InUse)
}

// Sites is Build, but where there are no recipes, as outside of gokube's sources,
// the sites that were built before are taken.
func (b Builder) Sites(ctx context.Context) ([]string, error) {
	if b.Recipes == "" {
		_, err := recipe.Find(".")
		built := b.cache().Sites()
		if errors.Is(err, fs.ErrNotExist) && len(built) > 0 {
			return built, nil
		}
	}
	return b.Build(ctx)
}

func (b Builder) cache() build.Cache {
	return build.Cache{Root: filepath.Clean(b.Cache), Log: b.Log}
}
