package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("X-Token"), body)
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "abc")
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func call(t *testing.T, in string, args ...string) (code int, out, words string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestBodyIsPrinted(t *testing.T) {
	t.Parallel()
	code, out, words := call(t, `{"method":"POST","headers":{"X-Token":"t"},"body":"b"}`, site(t).URL+"/ok")
	if code != 0 || out != "POST t b" {
		t.Errorf("%d, %q, %q", code, out, words)
	}
}

func TestBodyIsSaved(t *testing.T) {
	t.Parallel()
	p := filepath.Join(t.TempDir(), "f")
	code, out, words := call(t, "", "-timeout", "20", "-o", p, site(t).URL+"/ok")
	got, err := os.ReadFile(p)
	if code != 0 || string(got) != "GET  " || err != nil {
		t.Fatalf("%d, %q, %q, %v", code, got, words, err)
	}
	want := fmt.Sprintf(`{"sha256":"%x","size":5,"status":200}`+"\n", sha256.Sum256(got))
	if out != want {
		t.Errorf("printed %q", out)
	}
}

func TestFailuresHaveTheirCodeAndLeaveNothing(t *testing.T) {
	t.Parallel()
	s := site(t)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	t.Cleanup(secure.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, c := range map[string]struct {
		code int
		want string
		args []string
	}{
		"status":     {exitStatus, "404 Not Found: 404 page not found", []string{s.URL + "/none"}},
		"short":      {exitShort, "ended after 3 bytes: unexpected EOF", []string{s.URL + "/short"}},
		"slow":       {exitShort, "no complete answer within 100ms", []string{"-timeout", "0.1", s.URL + "/slow"}},
		"checksum":   {exitChecksum, "its SHA-256 is", []string{"-sha256", "00", s.URL + "/ok"}},
		"tls":        {exitTLS, "certificate", []string{secure.URL}},
		"refused":    {exitConnect, "connection refused", []string{gone.URL}},
		"no scheme":  {exitUsage, "no http or https URL", []string{"example.org/x"}},
		"two URLs":   {exitUsage, "one URL", []string{"a", "b"}},
		"bad option": {exitUsage, "provided but not defined", []string{"-x", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := filepath.Join(dir, "f")
			if err := os.WriteFile(p, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, words := call(t, "", append([]string{"-o", p}, c.args...)...)
			if code != c.code || !strings.Contains(words, c.want) {
				t.Errorf("%d, %q", code, words)
			}
			left, err := os.ReadDir(dir)
			if text, _ := os.ReadFile(p); len(left) != 1 || string(text) != "old" || err != nil {
				t.Errorf("left %v, %q, %v", left, text, err)
			}
		})
	}
}

func TestPasswordsInURLsAreNotShown(t *testing.T) {
	t.Parallel()
	_, _, words := call(t, "", strings.Replace(site(t).URL, "http://", "http://me:hunter2@", 1)+"/none")
	if strings.Contains(words, "hunter2") {
		t.Error(words)
	}
}

func TestBadOptionsOnStdinAreRefused(t *testing.T) {
	t.Parallel()
	code, _, words := call(t, "{", "http://localhost/")
	if diff := cmp.Diff(exitUsage, code); diff != "" || !strings.Contains(words, "read options") {
		t.Error(diff, words)
	}
}

func TestAPortIsDialled(t *testing.T) {
	t.Parallel()
	s := site(t)
	address := "tcp://" + s.Listener.Addr().String()
	if code, out, words := call(t, "", "-timeout", "20", address); code != 0 || out != "" {
		t.Errorf("%d, %q, %q", code, out, words)
	}
	s.Close()
	if code, _, words := call(t, "", "-timeout", "20", address); code != exitConnect || !strings.Contains(words, "refused") {
		t.Errorf("%d, %q", code, words)
	}
	if code, _, words := call(t, "", "tcp://nowhere"); code != exitUsage {
		t.Errorf("%d, %q", code, words)
	}
}
