package web

import (
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

func said(t *testing.T, in string, args ...string) map[string]any {
	t.Helper()
	code, out, words := through(t, HTTP, in, append([]string{"-timeout", "20", "-direct"}, args...)...)
	got := map[string]any{}
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("%d, %q, %q, %v", code, out, words, err)
	}
	delete(got, "headers")
	return got
}

func TestTheAnswerIsToldWhateverItsStatus(t *testing.T) {
	t.Parallel()
	url := site(t).URL
	for _, c := range []struct {
		in, method, path string
		want             map[string]any
	}{
		{`{"headers":{"X-Token":"t"},"body":"b"}`, "PUT", "/ok", map[string]any{"status": 200., "reason": "OK", "body": "PUT t b"}},
		{`{"form":{"b":["1","& 2"],"a":["x"]}}`, "POST", "/ok", map[string]any{"status": 200., "reason": "OK", "body": "POST  a=x&b=1&b=%26+2"}},
		{"", "GET", "/none", map[string]any{"status": 404., "reason": "Not Found", "body": "404 page not found\n"}},
		{"", "HEAD", "/ok", map[string]any{"status": 200., "reason": "OK", "body": ""}},
	} {
		c.want["url"] = url + c.path
		if diff := cmp.Diff(c.want, said(t, c.in, c.method, url+c.path)); diff != "" {
			t.Error(diff)
		}
	}
}

func odd(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/moved":
		http.Redirect(w, r, "/to", http.StatusFound)
	case "/to":
		user, word, _ := r.BasicAuth()
		w.Write([]byte(user + " " + word))
	case "/binary":
		w.Write([]byte{0xff, 0})
	}
}

func TestAnswersOfEveryKindAreTold(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(odd))
	t.Cleanup(s.Close)
	if got := said(t, `{"user":"me","password":"hunter2"}`, "GET", s.URL+"/moved"); got["body"] != "me hunter2" || got["url"] != s.URL+"/to" {
		t.Error(got)
	}
	if got := said(t, "", "-stay", "GET", s.URL+"/moved"); got["status"] != 302. {
		t.Error(got)
	}
	if got := said(t, "", "-limit", "1", "GET", s.URL+"/binary"); got["body"] != "/w==" || got["base64"] != true || got["truncated"] != true {
		t.Error(got)
	}
}

func TestASocketIsAskedToo(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := filepath.Join(dir, "s")
	l, err := net.Listen("unix", p)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(odd)}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	if got := said(t, "", "-unix", p, "GET", "http://x/to"); got["body"] != " " {
		t.Error(got)
	}
}

func TestWhomToTrustIsAFile(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(odd))
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := said(t, "", "-ca", ca, "-servername", "example.com", "GET", s.URL+"/to"); got["status"] != 200. {
		t.Error(got)
	}
	if got := said(t, "", "-insecure", "GET", s.URL+"/to"); got["status"] != 200. {
		t.Error(got)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{outcome.TLS, "unknown authority", []string{"GET", s.URL}},
		{outcome.TLS, "not nobody", []string{"-ca", ca, "-servername", "nobody", "GET", s.URL}},
		{outcome.Input, "no such file", []string{"-ca", ca + "2", "GET", s.URL}},
		{outcome.Input, "holds no certificate", []string{"-ca", "/dev/null", "GET", s.URL}},
		{outcome.Usage, "belong together", []string{"-cert", ca, "GET", s.URL}},
		{outcome.Input, "and its key /dev/null", []string{"-cert", ca, "-key", "/dev/null", "GET", s.URL}},
		{outcome.Usage, "METHOD and URL", []string{s.URL}},
		{outcome.Usage, "is no IP address", []string{"-source", "x", "GET", s.URL}},
		{outcome.Usage, "no http or https URL", []string{"GET", "ftp://me:hunter2@x/"}},
		{outcome.Usage, "no such request", []string{"G T", "http://me:hunter2@x/"}},
	} {
		code, _, words := through(t, HTTP, "", c.args...)
		if code != c.code || !strings.Contains(words, c.want) || strings.Contains(words, "hunter2") {
			t.Errorf("%q: %d, %q", c.args, code, words)
		}
	}
}

func TestAnAnswerThatDoesNotEndIsCut(t *testing.T) {
	t.Parallel()
	s := site(t)
	for _, c := range []struct{ path, timeout, want string }{
		{"/short", "20", "ended after 3 bytes: unexpected EOF"}, {"/slow", "0.1", "no complete answer within 100ms"},
	} {
		if code, _, words := through(t, HTTP, "", "-timeout", c.timeout, "GET", s.URL+c.path); code != outcome.Short || !strings.Contains(words, c.want) {
			t.Errorf("%d, %q", code, words)
		}
	}
	if code, _, words := through(t, HTTP, `{"token":1}`, "GET", s.URL); code != outcome.Usage || !strings.Contains(words, `unknown field "token"`) {
		t.Errorf("%d, %q", code, words)
	}
}
