// Package oci makes container images of plain files and keeps them in an image
// layout as the OCI describes it. It does not know what the images are for.
//
// # Decisions
//
// Layers are not compressed: they travel over a bridge of this machine, and what
// unpacks them has few processors. What an image shares with others is a layer of
// its own, so that a host fetches and unpacks it once. The types are those of the
// OCI's own module; what they hold is a hundred lines, for which no registry's
// library is dragged in.
package oci

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Descriptor names a blob of a layout.
type Descriptor = v1.Descriptor

// Layout is an image layout that is being made. It may be used by one at a time.
type Layout struct {
	dir   string
	index v1.Index
}

// Create begins a layout in the folder dir.
func Create(dir string) (*Layout, error) {
	if err := os.MkdirAll(filepath.Join(dir, v1.ImageBlobsDir, "sha256"), 0o755); err != nil {
		return nil, err
	}
	return &Layout{dir: dir, index: v1.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageIndex}}, nil
}

// AddLayer makes a layer of the entries.
func (l *Layout) AddLayer(entries []Entry) (Descriptor, error) {
	return l.add(v1.MediaTypeImageLayer, func(w io.Writer) error { return writeLayer(w, entries) })
}

// Spec is what an image is made of.
type Spec struct {
	Name       string       // in full: registry, path and tag
	Layers     []Descriptor // the lowest first
	Entrypoint []string
	Cmd        []string
}

// AddImage makes an image.
func (l *Layout) AddImage(s Spec) error {
	image := v1.Image{
		Platform: v1.Platform{Architecture: runtime.GOARCH, OS: "linux"},
		Config: v1.ImageConfig{Entrypoint: s.Entrypoint, Cmd: s.Cmd, WorkingDir: "/",
			Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
		RootFS: v1.RootFS{Type: "layers"},
	}
	for _, layer := range s.Layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.Digest)
	}
	config, err := l.addJSON(v1.MediaTypeImageConfig, image)
	if err != nil {
		return err
	}
	manifest, err := l.addJSON(v1.MediaTypeImageManifest, v1.Manifest{Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageManifest, Config: config, Layers: s.Layers})
	if err != nil {
		return err
	}
	manifest.Annotations = map[string]string{v1.AnnotationRefName: s.Name}
	manifest.Platform = &image.Platform
	l.index.Manifests = append(l.index.Manifests, manifest)
	return nil
}

// Close writes what tells which images there are.
func (l *Layout) Close() error {
	index, err := json.Marshal(l.index)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(l.dir, v1.ImageIndexFile), index, 0o644),
		os.WriteFile(filepath.Join(l.dir, v1.ImageLayoutFile), []byte(`{"imageLayoutVersion":"`+v1.ImageLayoutVersion+`"}`), 0o644),
	)
}

func (l *Layout) addJSON(mediaType string, v any) (Descriptor, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return Descriptor{}, err
	}
	return l.add(mediaType, func(w io.Writer) error {
		_, err := bytes.NewReader(data).WriteTo(w)
		return err
	})
}

// add keeps what write writes as a blob.
func (l *Layout) add(mediaType string, write func(io.Writer) error) (Descriptor, error) {
	tmp, err := os.CreateTemp(l.dir, "blob-")
	if err != nil {
		return Descriptor{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	sum := sha256.New()
	if err := write(io.MultiWriter(tmp, sum)); err != nil {
		return Descriptor{}, err
	}
	size, err := tmp.Seek(0, io.SeekCurrent)
	if err != nil {
		return Descriptor{}, err
	}
	d := digest.NewDigest(digest.SHA256, sum)
	if err := tmp.Chmod(0o644); err != nil {
		return Descriptor{}, err
	}
	return Descriptor{MediaType: mediaType, Digest: d, Size: size}, os.Rename(tmp.Name(), BlobPath(l.dir, d))
}

// BlobPath is where the layout in dir has a blob.
func BlobPath(dir string, d digest.Digest) string {
	return filepath.Join(dir, v1.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

// Images reads which images the layout in dir has: the manifest of each, by name.
func Images(dir string) (map[string]Descriptor, error) {
	data, err := os.ReadFile(filepath.Join(dir, v1.ImageIndexFile))
	if err != nil {
		return nil, err
	}
	var index v1.Index
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("read the images of %s: %w", dir, err)
	}
	images := map[string]Descriptor{}
	for _, m := range index.Manifests {
		if err := m.Digest.Validate(); err != nil {
			return nil, fmt.Errorf("read the images of %s: %w", dir, err)
		}
		images[m.Annotations[v1.AnnotationRefName]] = m
	}
	return images, nil
}
