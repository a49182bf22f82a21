package network

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/module/moduletest"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/overlay"
	"github.com/gokube/gokube/engine/system/systemtest"
)

// web answers with what it was asked.
func web() *systemtest.Fake {
	f := systemtest.New()
	f.Commands["http"] = func(_ *systemtest.Fake, c system.Cmd) system.Output {
		url := c.Argv[len(c.Argv)-1]
		if !strings.HasPrefix(url, "https://ok/") || !c.Tool {
			return system.Output{Code: 3, Stderr: []byte("http: " + url + ": connection refused\n")}
		}
		reply := map[string]any{"status": 200, "reason": "OK", "url": url, "headers": map[string]any{"content-type": "application/json; charset=utf-8"}, "body": `{"asked":true}`}
		switch {
		case strings.HasSuffix(url, "/none"):
			reply["status"], reply["reason"], reply["body"], reply["headers"] = 404, "Not Found", "there is\n  nothing", map[string]any{}
		case strings.HasSuffix(url, "/echo"):
			reply["body"], reply["headers"] = strings.Join(c.Argv[1:len(c.Argv)-1], " ")+" "+string(c.Stdin), map[string]any{"content-type": "text/plain"}
		case strings.HasSuffix(url, "/binary"):
			reply["body"], reply["base64"] = "/w==", true
		case strings.HasSuffix(url, "/long"):
			reply["truncated"] = true
		}
		text, _ := json.Marshal(reply)
		return system.Output{Stdout: text}
	}
	return f
}

func waits(url string) []change.Change {
	return []change.Change{{Action: change.Wait, Kind: "url", Target: url}}
}

func sends(what string) []change.Change {
	return []change.Change{{Action: change.Run, Kind: "url", Target: what}}
}

func TestURI(t *testing.T) {
	t.Parallel()
	moduletest.Examples(t, URI)
	echo := func(name string, args module.Args, want string) moduletest.Case {
		args["url"], args["return_content"] = "https://ok/echo", true
		c := moduletest.Case{Name: name, Host: web, Args: args, Output: map[string]any{"content": want}, OpaqueAgain: true}
		if m, _ := args["method"].(string); m != "" {
			c.Want = sends(m + " https://ok/echo")
		}
		return c
	}
	moduletest.Run(t, URI, []moduletest.Case{
		{Name: "a good answer", Host: web, Args: module.Args{"url": "https://ok/"}, Then: moduletest.Then{Ran: []string{}},
			Output: map[string]any{"status": 200, "url": "https://ok/", "content": nil, "json": map[string]any{"asked": true}, "content_type": "application/json; charset=utf-8"}},
		{Name: "its content", Host: web, Args: module.Args{"url": "https://ok/", "return_content": true}, Output: map[string]any{"content": `{"asked":true}`}},
		{Name: "binary content", Host: web, Args: module.Args{"url": "https://ok/binary", "return_content": true}, Output: map[string]any{"content": "\xff", "json": nil}},
		{Name: "another good status", Host: web, Args: module.Args{"url": "https://ok/none", "status_code": []any{200, 404}}, Output: map[string]any{"status": 404, "content": nil}},
		{Name: "a bad status", Host: web, Args: module.Args{"url": "https://ok/none"}, Want: waits("https://ok/none"), Err: "ask https://ok/none: the status is 404 Not Found (there is nothing), not 200"},
		{Name: "no answer", Host: web, Args: module.Args{"url": "https://no/"}, Want: waits("https://no/"), Err: "ask https://no/: connection refused"},
		{Name: "too much", Host: web, Args: module.Args{"url": "https://ok/long", "return_content": true}, Want: waits("https://ok/long"), Err: "longer than 14 bytes"},
		{Name: "too much that nobody wants", Host: web, Args: module.Args{"url": "https://ok/long"}},
		echo("plain", module.Args{}, "-timeout 30 GET "),
		echo("with files", module.Args{"ca_path": "/a", "client_cert": "/b", "client_key": "/c", "unix_socket": "/d", "timeout": 5, "validate_certs": false, "follow_redirects": "none", "use_proxy": false},
			"-timeout 5 -ca /a -cert /b -key /c -unix /d -insecure -stay -direct GET "),
		echo("text", module.Args{"method": "POST", "body": "x", "headers": map[string]any{"X-A": "b"}}, `-timeout 30 -stay POST {"body":"x","headers":{"X-A":"b"}}`),
		echo("JSON", module.Args{"method": "PUT", "follow_redirects": "all", "body": map[string]any{"a": []any{1, true, "x"}}, "body_format": "json"}, `-timeout 30 PUT {"body":"{\"a\":[1,true,\"x\"]}","headers":{"Content-Type":"application/json"}}`),
		echo("JSON as text", module.Args{"method": "PATCH", "body": `[1]`, "body_format": "json", "headers": map[string]any{"content-type": "x/y"}}, `-timeout 30 -stay PATCH {"body":"[1]","headers":{"content-type":"x/y"}}`),
		echo("a form", module.Args{"method": "POST", "body": map[string]any{"a": 1, "b": []any{"x", "y"}}, "body_format": "form-urlencoded"}, `-timeout 30 -stay POST {"form":{"a":["1"],"b":["x","y"]}}`),
		{Name: "a refused request", Host: web, Args: module.Args{"url": "https://ok/none", "method": "DELETE"}, Want: sends("DELETE https://ok/none"), Err: "the status is 404"},
		{Name: "a password", Host: web, Args: module.Args{"url": "https://no/", "url_username": "me", "url_password": secret.New("hunter2")}, Want: waits("https://no/"), Err: "connection refused"},
		{Name: "no web", Host: web, Args: module.Args{"url": "ftp://me:hunter2@x"}, Err: `url "ftp://me:xxxxx@x" is neither http nor https`},
		{Name: "half a pair", Host: web, Args: module.Args{"url": "https://ok/", "client_cert": "/a"}, Err: "belong together"},
		{Name: "no time", Host: web, Args: module.Args{"url": "https://ok/", "timeout": 0}, Err: "timeout 0 is not above 0"},
		{Name: "no form", Host: web, Args: module.Args{"url": "https://ok/", "body": "x", "body_format": "form-urlencoded"}, Err: "body is no map"},
		{Name: "no text", Host: web, Args: module.Args{"url": "https://ok/", "body": []any{}}, Err: "set body_format: json"},
	})
}

func TestPasswordsInURLsGoBesideThem(t *testing.T) {
	t.Parallel()
	p, err := URI.Plan(t.Context(), web(), module.Args{"url": "https://m%65:hunter%32%@no/echo?a=b@c"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Apply(t.Context(), web())
	if err == nil || strings.Contains(err.Error(), "hunter") || !strings.Contains(err.Error(), "https://me:xxxxx@no/echo?a=b@c") {
		t.Error(err)
	}
	a := URIArgs{URL: "https://m%65:hunter%32%@ok/echo?a=b@c", Method: "GET", Timeout: 1, FollowRedirects: "none", UseProxy: true, URITrust: URITrust{ValidateCerts: true}}
	q, err := a.command()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"http", "-timeout", "1", "-stay", "GET", "https://ok/echo?a=b@c"}, q.cmd.Argv); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"password":"hunter2%","user":"me"}`, string(q.cmd.Stdin)); diff != "" {
		t.Error(diff)
	}
}

func TestACheckAsksOnlyWhatNothingHasChanged(t *testing.T) {
	t.Parallel()
	o := overlay.New(system.ReadOnly(web()))
	for i, c := range []struct {
		args  module.Args
		steps int
	}{
		{module.Args{"url": "https://ok/"}, 0},
		{module.Args{"url": "https://ok/", "method": "POST"}, 1},
		{module.Args{"url": "https://ok/"}, 1},
		{module.Args{"url": "https://no/"}, 1},
	} {
		o.Task("")
		p, err := URI.Plan(t.Context(), system.ReadOnly(o), c.args)
		if err != nil || len(p.Steps) != c.steps {
			t.Fatalf("%d: %+v, %v", i, p, err)
		}
		if n, err := p.Predict(t.Context(), o); n != c.steps || err != nil {
			t.Errorf("%d: %d, %v", i, n, err)
		}
		if _, pending := p.Output["status"].(module.Pending); pending != (c.steps > 0) {
			t.Errorf("%d: the status is %v", i, p.Output["status"])
		}
	}
}
