//go:build linux

package serve

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/internal/lab/mirror/build"
	"github.com/gokube/gokube/cmd/internal/lab/mirror/oci"
)

const image = "registry.example.org/team/tool:v1"

// site lays out one file and one image; tag says which.
func site(t *testing.T, file, text string) (dir string, manifest oci.Descriptor) {
	t.Helper()
	dir = t.TempDir()
	full := filepath.Join(dir, build.FilesDir, file)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := oci.Create(filepath.Join(dir, build.ImagesDir))
	if err != nil {
		t.Fatal(err)
	}
	layer, err := l.AddLayer([]oci.Entry{{Path: "/tool", From: full}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.AddImage(oci.Spec{Name: image, Layers: []oci.Descriptor{layer}}), l.Close()); err != nil {
		t.Fatal(err)
	}
	images, err := oci.Images(filepath.Join(dir, build.ImagesDir))
	if err != nil {
		t.Fatal(err)
	}
	return dir, images[image]
}

func start(t *testing.T, sites ...string) (*Server, string) {
	t.Helper()
	s, err := New(sites)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL
}

// ask makes a request and gives its status, headers and body.
func ask(t *testing.T, method, url string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		body = append(body, "..."...)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func TestFilesLieAtTheirSitesPaths(t *testing.T) {
	t.Parallel()
	dir, _ := site(t, "example.org/v1/tool", "0123456789")
	if err := os.WriteFile(filepath.Join(dir, "secret"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, url := start(t, dir)
	for path, want := range map[string]int{
		"/example.org/v1/tool": 200, "/example.org/v1": 404, "/example.org/v1/": 404, "/": 404, "/other": 404,
		"/../secret": 404, "/example.org/../../secret": 404, "/example.org/%2e%2e/%2e%2e/secret": 404,
	} {
		if got, _, body := ask(t, "GET", url+path); got != want {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
	if _, h, body := ask(t, "HEAD", url+"/example.org/v1/tool"); h.Get("Content-Length") != "10" || body != "" {
		t.Error(h, body)
	}
	if code, _, body := ask(t, "GET", url+"/example.org/v1/tool", "Range", "bytes=4-5"); code != 206 || body != "45" {
		t.Error(code, body)
	}
	if code, _, _ := ask(t, "PUT", url+"/example.org/v1/tool"); code != http.StatusMethodNotAllowed {
		t.Error(code)
	}
}

func TestImagesAreFoundUnderEveryNameTheyArePulledBy(t *testing.T) {
	t.Parallel()
	dir, m := site(t, "a/b", "text")
	_, url := start(t, dir)
	digest := m.Digest.String()
	for _, path := range []string{
		"/v2/team/tool/manifests/v1?ns=registry.example.org",
		"/v2/team/tool/manifests/v1",
		"/v2/registry.example.org/team/tool/manifests/v1",
		"/v2/team/tool/manifests/" + digest + "?ns=registry.example.org",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			code, h, _ := ask(t, method, url+path)
			if code != 200 || h.Get("Docker-Content-Digest") != digest || h.Get("Content-Type") != m.MediaType {
				t.Errorf("%s %s: %d %v", method, path, code, h)
			}
		}
	}
	if code, _, body := ask(t, "GET", url+"/v2/team/tool/blobs/"+digest); code != 200 || int64(len(body)) != m.Size {
		t.Error(code, body)
	}
	if code, h, _ := ask(t, "GET", url+"/v2/"); code != 200 || h.Get("Docker-Distribution-Api-Version") == "" {
		t.Error(code, h)
	}
}

func TestWhatIsNotThereIsRefusedInARegistrysWords(t *testing.T) {
	t.Parallel()
	dir, _ := site(t, "a/b", "text")
	_, url := start(t, dir)
	none := "sha256:" + strings.Repeat("0", 64)
	for path, want := range map[string]string{
		"/v2/team/tool/manifests/v2":         "MANIFEST_UNKNOWN",
		"/v2/team/other/manifests/v1":        "MANIFEST_UNKNOWN",
		"/v2/team/tool/manifests/" + none:    "MANIFEST_UNKNOWN",
		"/v2/team/tool/blobs/" + none:        "BLOB_UNKNOWN",
		"/v2/team/tool/blobs/sha256:..%2f..": "BLOB_UNKNOWN",
		"/v2/_catalog":                       "NAME_UNKNOWN",
	} {
		if code, _, body := ask(t, "GET", url+path); code != 404 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
}

func TestSeveralReleasesStandBesideEachOther(t *testing.T) {
	t.Parallel()
	older, _ := site(t, "example.org/v1", "one")
	newer, _ := site(t, "example.org/v2", "two")
	_, url := start(t, older, newer)
	for path, want := range map[string]string{"/example.org/v1": "one", "/example.org/v2": "two"} {
		if _, _, body := ask(t, "GET", url+path); body != want {
			t.Errorf("%s: %s", path, body)
		}
	}
	if _, err := New([]string{t.TempDir()}); err == nil {
		t.Error("a folder that is no site was served")
	}
}

func TestMirrorFailsAsToldAndBehavesAgain(t *testing.T) {
	t.Parallel()
	dir, _ := site(t, "example.org/tool", "0123456789")
	s, url := start(t, dir)
	for fault, want := range map[string]string{
		"404:/tool":   "404",
		"500:":        "500",
		"half:/tool":  "200 01234...",
		"wrong:/tool": "200 0123456788",
		"503:/other":  "200 0123456789",
	} {
		if err := s.SetFaults([]string{fault}); err != nil {
			t.Fatal(err)
		}
		code, _, body := ask(t, "GET", url+"/example.org/tool")
		got := strconv.Itoa(code)
		if code == 200 {
			got += " " + body
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", fault, d)
		}
	}
	if err := s.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	if _, _, body := ask(t, "GET", url+"/example.org/tool"); body != "0123456789" {
		t.Error(body)
	}
}

func TestFaultsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"", "404", "200:/x", "x:/x", "600:/x", "half", ":"} {
		if _, err := ParseFault(f); err == nil || !strings.Contains(err.Error(), "KIND:PATH") {
			t.Errorf("%q: %v", f, err)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("404:/x")
	f.Fuzz(func(_ *testing.T, s string) { _, _ = ParseFault(s) })
}
