// Package aptproxy is the only way out of a lab: a caching HTTP proxy that
// fetches packages from the Debian mirrors it is given, and nothing else. It does
// not know what a lab is.
//
// # Decisions
//
// Only what can never change under its name is cached: package files and
// by-hash indexes. A mirror that this machine reaches over https is asked for over
// http inside the lab and fetched over https by the proxy, since a tunnel could
// not be limited to the mirror's paths. Redirects are followed here, where the
// mirror is trusted, and never handed to hosts.
package aptproxy

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// Mirror is one place that hosts may fetch from: all below one URL.
type Mirror struct{ scheme, host, path string }

// ParseMirror reads a mirror's URL.
func ParseMirror(s string) (Mirror, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Mirror{}, err
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" {
		return Mirror{}, fmt.Errorf("use %q as a mirror: it takes an http or https URL", s)
	}
	return Mirror{u.Scheme, u.Host, strings.TrimRight(u.Path, "/") + "/"}, nil
}

// Proxy answers the hosts' requests. It may be used by many at once.
type Proxy struct {
	mirrors []Mirror
	client  *http.Client
	cache   *cache
	log     *log.Logger
}

// New makes a proxy that caches in the folder dir.
func New(dir string, mirrors []Mirror, l *log.Logger) *Proxy {
	return &Proxy{mirrors: mirrors, client: &http.Client{Timeout: 30 * time.Minute}, cache: newCache(dir), log: l}
}

// upstream is where the request may be fetched from; ok is false if nowhere.
func (p *Proxy) upstream(r *http.Request) (u string, ok bool) {
	if r.Method != http.MethodGet || r.URL.Scheme != "http" || r.URL.RawQuery != "" || r.URL.User != nil {
		return "", false
	}
	if r.URL.Path != path.Clean(r.URL.Path) || strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f") {
		return "", false
	}
	for _, m := range p.mirrors {
		if r.URL.Host == m.host && strings.HasPrefix(r.URL.Path, m.path) {
			return m.scheme + "://" + m.host + r.URL.EscapedPath(), true
		}
	}
	return "", false
}

// ServeHTTP answers one request in proxy form.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u, ok := p.upstream(r)
	switch {
	case !ok:
		p.log.Printf("refuse %s %s", r.Method, r.URL)
		http.Error(w, "a lab's proxy fetches from this machine's Debian mirrors only", http.StatusForbidden)
	case lasting(u):
		p.cached(w, r, u)
	default:
		p.forward(w, r, u)
	}
}

// lasting tells whether what the URL names never changes.
func lasting(u string) bool {
	return strings.HasSuffix(u, ".deb") || strings.Contains(u, "/by-hash/")
}

func (p *Proxy) cached(w http.ResponseWriter, r *http.Request, u string) {
	f, err := p.cache.open(u, func(w io.Writer) (int, error) {
		resp, err := p.fetch(r, u, nil)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return resp.StatusCode, nil
		}
		_, err = io.Copy(w, resp.Body)
		return http.StatusOK, err
	})
	if err != nil {
		p.fail(w, u, err)
		return
	}
	if f.File == nil {
		w.WriteHeader(f.status)
		return
	}
	defer f.Close()
	http.ServeContent(w, r, "", time.Time{}, f)
}

// conditional are the headers that let apt ask "only if it changed".
var conditional = [...]string{"If-Modified-Since", "If-None-Match", "Range", "If-Range"}

// passed are the headers of an answer that a host gets to see.
var passed = [...]string{"Content-Type", "Content-Length", "Content-Range", "Last-Modified", "Etag"}

func (p *Proxy) forward(w http.ResponseWriter, r *http.Request, u string) {
	ask := http.Header{}
	for _, k := range conditional {
		if v := r.Header.Get(k); v != "" {
			ask.Set(k, v)
		}
	}
	resp, err := p.fetch(r, u, ask)
	if err != nil {
		p.fail(w, u, err)
		return
	}
	defer resp.Body.Close()
	for _, k := range passed {
		if v := resp.Header.Get(k); v != "" {
			w.Header().Set(k, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func (p *Proxy) fetch(r *http.Request, u string, h http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	if h != nil {
		req.Header = h
	}
	return p.client.Do(req)
}

func (p *Proxy) fail(w http.ResponseWriter, u string, err error) {
	p.log.Printf("fetch %s: %v", u, err)
	http.Error(w, err.Error(), http.StatusBadGateway)
}
