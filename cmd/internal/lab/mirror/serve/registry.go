//go:build linux

package serve

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/oci"
)

// registry answers as a registry that images are pulled from.
type registry struct {
	dirs   []string                  // image layouts
	images map[string]oci.Descriptor // by name with tag
}

func newRegistry() *registry { return &registry{images: map[string]oci.Descriptor{}} }

// load adds the images of a layout. Each is found by its full name, as a registry
// that stands for several is asked, and by what its own registry calls it, as one
// that holds a copy is.
func (g *registry) load(dir string) error {
	images, err := oci.Images(dir)
	if err != nil {
		return err
	}
	g.dirs = append(g.dirs, dir)
	for name, m := range images {
		g.images[name] = m
		if _, short, ok := strings.Cut(name, "/"); ok {
			g.images[short] = m
		}
	}
	return nil
}

// ServeHTTP answers /v2/, /v2/NAME/manifests/TAG-OR-DIGEST and /v2/NAME/blobs/DIGEST.
// The parameter ns tells whose mirror the caller takes this for.
func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v2"), "/"), "/")
	if len(parts) == 1 && parts[0] == "" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
		return
	}
	if len(parts) < 3 {
		refuse(w, "NAME_UNKNOWN", r.URL.Path)
		return
	}
	name := strings.Join(parts[:len(parts)-2], "/")
	kind, ref := parts[len(parts)-2], parts[len(parts)-1]
	switch {
	case kind == "manifests":
		g.manifest(w, r, name, ref)
	case kind == "blobs" && g.blob(w, r, ref, "application/octet-stream"):
	default:
		refuse(w, "BLOB_UNKNOWN", r.URL.Path)
	}
}

func (g *registry) manifest(w http.ResponseWriter, r *http.Request, name, ref string) {
	found, ok := g.find(name, ref, r.URL.Query().Get("ns"))
	if !ok || !g.blob(w, r, found.Digest.String(), found.MediaType) {
		refuse(w, "MANIFEST_UNKNOWN", name+":"+ref)
	}
}

// find looks an image's manifest up by tag or digest.
func (g *registry) find(name, ref, ns string) (oci.Descriptor, bool) {
	if d, err := digest.Parse(ref); err == nil {
		for _, m := range g.images {
			if m.Digest == d {
				return m, true
			}
		}
		return oci.Descriptor{}, false
	}
	if ns != "" {
		if m, ok := g.images[ns+"/"+name+":"+ref]; ok {
			return m, true
		}
	}
	m, ok := g.images[name+":"+ref]
	return m, ok
}

func (g *registry) blob(w http.ResponseWriter, r *http.Request, ref, mediaType string) bool {
	d, err := digest.Parse(ref)
	if err != nil || d.Algorithm() != digest.SHA256 {
		return false
	}
	for _, dir := range g.dirs {
		path := oci.BlobPath(dir, d)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		w.Header().Set("Docker-Content-Digest", d.String())
		w.Header().Set("Etag", `"`+d.String()+`"`)
		return send(w, r, filepath.Clean(path), mediaType)
	}
	return false
}

// refuse answers in a registry's words.
func refuse(w http.ResponseWriter, code, what string) {
	w.Header().Del("Docker-Content-Digest")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	type fault struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.NewEncoder(w).Encode(map[string][]fault{"errors": {{code, "the mirror has no " + what}}})
}
