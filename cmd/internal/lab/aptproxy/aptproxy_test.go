package aptproxy

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// start runs a mirror and a proxy in front of it; the client speaks through the proxy.
func start(t *testing.T, mirror http.HandlerFunc) (base string, client *http.Client, dir string) {
	t.Helper()
	up := httptest.NewServer(mirror)
	t.Cleanup(up.Close)
	m, err := ParseMirror(up.URL + "/debian/")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	px := httptest.NewServer(New(dir, []Mirror{m}, log.New(io.Discard, "", 0)))
	t.Cleanup(px.Close)
	pu, _ := url.Parse(px.URL)
	client = &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(pu)}}
	t.Cleanup(client.CloseIdleConnections)
	return up.URL, client, dir
}

func get(t *testing.T, c *http.Client, u string) (int, string) {
	t.Helper()
	resp, err := c.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestPackagesAreFetchedOnceAndIndexesAlways(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	base, c, _ := start(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, r.URL.Path)
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if code, body := get(t, c, base+"/debian/pool/a.deb"); code != 200 || body != "/debian/pool/a.deb" {
				t.Error(code, body)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("a package was fetched %d times", n)
	}
	for range 2 {
		get(t, c, base+"/debian/dists/bookworm/InRelease")
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("%d requests reached the mirror, want 3", n)
	}
}

func TestOnlyTheMirrorsPathsAreReached(t *testing.T) {
	t.Parallel()
	base, c, _ := start(t, func(http.ResponseWriter, *http.Request) { t.Error("the mirror was asked") })
	for _, u := range []string{
		base + "/", base + "/other/a.deb", base + "/debian-security/a.deb", base + "/debian/../other/a.deb",
		base + "/debian/%2e%2e/other/a.deb", base + "/debian/..%2fother/a.deb", base + "/debian/a?x=y",
		"http://example.invalid/debian/a.deb", "http://127.0.0.1:1/debian/a.deb",
	} {
		if code, _ := get(t, c, u); code != http.StatusForbidden {
			t.Errorf("%s: %d", u, code)
		}
	}
	resp, err := c.Post(base+"/debian/a", "text/plain", nil)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Error(resp, err)
	}
	resp.Body.Close()
}

func TestMissingPackageIsNotCached(t *testing.T) {
	t.Parallel()
	base, c, dir := start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	if code, _ := get(t, c, base+"/debian/a.deb"); code != http.StatusNotFound {
		t.Error(code)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error(left)
	}
}

func TestTornDownloadIsNotKept(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	base, c, dir := start(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
			return
		}
		_, _ = io.WriteString(w, "whole")
	})
	if code, _ := get(t, c, base+"/debian/a.deb"); code != http.StatusBadGateway {
		t.Error(code)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error(left)
	}
	if code, body := get(t, c, base+"/debian/a.deb"); code != 200 || body != "whole" {
		t.Error(code, body)
	}
}

func TestMirrorsThatAreNoURLsAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "file:///x", "cdrom:[Debian]", "http://", "http://a/?q"} {
		if _, err := ParseMirror(s); err == nil {
			t.Errorf("%q passed", s)
		}
	}
}
