//go:build linux

// Package serve is the mirror's server: files at the paths of the public sites,
// and images as a registry has them. It does not know how a site was made.
//
// # Decisions
//
// It reads only: a mirror in a lab is never pushed to, so the two verbs of pulling
// are all of a registry that is here, and blobs go from the page cache to the
// bridge without passing through this program. It misbehaves when told to, since
// what a playbook makes of a bad mirror is tested on real hosts.
package serve

import (
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
)

// Server answers requests for files and images. It may be used by many at once.
type Server struct {
	roots  []string // folders of files
	images *registry
	faults faults
}

// New makes a server of the sites in the given folders; of what several have, the
// last one's counts.
func New(sites []string) (*Server, error) {
	s := &Server{images: newRegistry()}
	for _, site := range sites {
		root := filepath.Join(site, build.FilesDir)
		if _, err := os.Stat(root); err != nil {
			return nil, fmt.Errorf("serve the mirror: %w", err)
		}
		s.roots = append([]string{root}, s.roots...)
		if err := s.images.load(filepath.Join(site, build.ImagesDir)); err != nil {
			return nil, fmt.Errorf("serve the mirror: %w", err)
		}
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the mirror is read-only", http.StatusMethodNotAllowed)
		return
	}
	w = s.faults.wrap(w, r)
	if w == nil {
		return
	}
	if r.URL.Path == "/v2" || strings.HasPrefix(r.URL.Path, "/v2/") {
		s.images.ServeHTTP(w, r)
		return
	}
	s.file(w, r)
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	local := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	for _, root := range s.roots {
		if send(w, r, filepath.Join(root, filepath.FromSlash(local)), "application/octet-stream") {
			return
		}
	}
	http.Error(w, "the mirror has no "+r.URL.Path, http.StatusNotFound)
}

// send answers with a plain file; it is false where there is none.
func send(w http.ResponseWriter, r *http.Request, file, mediaType string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	w.Header().Set("Content-Type", mediaType)
	http.ServeContent(w, r, "", info.ModTime(), f)
	return true
}
