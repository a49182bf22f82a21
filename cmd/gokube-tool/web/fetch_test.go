package web

import (
	"bytes"
	"context"
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

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
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
	return through(t, Fetch, in, args...)
}

// through is the outcome of one of the subcommands.
func through(t *testing.T, do func(context.Context, []string, io.Reader, io.Writer) error, in string, args ...string) (code int, out, words string) {
	t.Helper()
	var o bytes.Buffer
	err := do(t.Context(), args, strings.NewReader(in), &o)
	return outcome.Code(err), o.String(), fmt.Sprint(err)
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
		"status":     {outcome.Status, "404 Not Found: 404 page not found", []string{s.URL + "/none"}},
		"short":      {outcome.Short, "ended after 3 bytes: unexpected EOF", []string{s.URL + "/short"}},
		"slow":       {outcome.Short, "no complete answer within 100ms", []string{"-timeout", "0.1", s.URL + "/slow"}},
		"checksum":   {outcome.Checksum, "its SHA-256 is", []string{"-sha256", "00", s.URL + "/ok"}},
		"tls":        {outcome.TLS, "certificate", []string{secure.URL}},
		"refused":    {outcome.Connect, "connection refused", []string{gone.URL}},
		"no scheme":  {outcome.Usage, "no http or https URL", []string{"example.org/x"}},
		"two URLs":   {outcome.Usage, "one URL", []string{"a", "b"}},
		"bad option": {outcome.Usage, "provided but not defined", []string{"-x", "a"}},
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
	if diff := cmp.Diff(outcome.Usage, code); diff != "" || !strings.Contains(words, "read options") {
		t.Error(diff, words)
	}
}
