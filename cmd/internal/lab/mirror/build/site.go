//go:build linux

package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/oci"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/recipe"
)

// The folders of a site.
const (
	FilesDir  = "files"  // sites' names, and their paths below
	ImagesDir = "images" // an OCI image layout
)

// lay makes a site of the recipe in the folder dir. Things says where the programs
// and copies lie.
func lay(r *recipe.Recipe, things map[string]string, base Base, dir string) error {
	for _, f := range r.Files {
		if err := serve(f, things, filepath.Join(dir, FilesDir)); err != nil {
			return fmt.Errorf("lay out %s: %w", f.Path, err)
		}
	}
	l, err := oci.Create(filepath.Join(dir, ImagesDir))
	if err != nil {
		return err
	}
	bases := map[string]oci.Descriptor{}
	for name, paths := range r.Bases {
		if bases[name], err = addBase(l, base.Dir, paths); err != nil {
			return fmt.Errorf("make base %s: %w", name, err)
		}
	}
	for _, i := range r.Images {
		if err := addImage(l, i, things, bases); err != nil {
			return fmt.Errorf("make image %s: %w", i.Name, err)
		}
	}
	return l.Close()
}

// addBase makes a layer of programs of a root file system and all that they load.
func addBase(l *oci.Layout, root string, patterns []string) (oci.Descriptor, error) {
	c := oci.NewCollection(root)
	for _, p := range patterns {
		if err := c.Add(p); err != nil {
			return oci.Descriptor{}, err
		}
	}
	return l.AddLayer(c.Entries())
}

func addImage(l *oci.Layout, i recipe.Image, things map[string]string, bases map[string]oci.Descriptor) error {
	var layers []oci.Descriptor
	if i.Base != "" {
		layers = append(layers, bases[i.Base])
	}
	var entries []oci.Entry
	for at, thing := range i.Files {
		entries = append(entries, oci.Entry{Path: at, From: things[thing]})
	}
	own, err := l.AddLayer(entries)
	if err != nil {
		return err
	}
	return l.AddImage(oci.Spec{Name: i.Name, Layers: append(layers, own), Entrypoint: i.Entrypoint, Cmd: i.Cmd})
}

// serve lays out one file of the public sites and what tells its checksum.
func serve(f recipe.Served, things map[string]string, root string) error {
	path := filepath.Join(root, f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if f.Holds != "" {
		if err := os.Link(things[f.Holds], path); err != nil {
			return err
		}
	} else if err := writeArchive(path, f.Archive, things); err != nil {
		return err
	}
	sum, err := digest(path)
	if err != nil {
		return err
	}
	beside := func(name, text string) error {
		if name == "" {
			return nil
		}
		return appendTo(filepath.Join(filepath.Dir(path), name), text)
	}
	return errors.Join(beside(f.Digest, sum), beside(f.Sums, sum+"  "+filepath.Base(path)+"\n"))
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
