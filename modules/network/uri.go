package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/modules/network/link"
)

// URIArgs are the arguments of the uri module.
type URIArgs struct {
	// URL is what is asked, over http or https.
	URL string `arg:"url,required"`
	// Method is what is asked for. GET, HEAD and OPTIONS change nothing: they are sent
	// in a check too, if nothing that they may depend on is predicted to change.
	Method string `arg:"method" enum:"GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE" default:"GET"`
	// StatusCode are the statuses that are a success.
	StatusCode []int `arg:"status_code" default:"200"`
	// ReturnContent is whether the body of the answer is kept in the result; that of a
	// failure always is.
	ReturnContent bool `arg:"return_content"`
	// FollowRedirects is which redirections are followed; safe are those of GET and
	// HEAD.
	FollowRedirects string `arg:"follow_redirects" enum:"safe|all|none" default:"safe"`
	// Timeout is how many seconds the answer may take.
	Timeout int `arg:"timeout" default:"30"`
	// UnixSocket is a socket of the host to ask, instead of what the URL names.
	UnixSocket string `arg:"unix_socket"`
	// UseProxy is whether the proxy of the environment is used, if there is one.
	UseProxy bool `arg:"use_proxy" default:"true"`
	URISent
	URITrust
}

// URISent is what is sent along.
type URISent struct {
	// Headers are further headers of the request. None of them is shown.
	Headers map[string]module.Secret `arg:"headers"`
	// Body is the body of the request: text, for the format json anything, for
	// form-urlencoded a map.
	Body any `arg:"body"`
	// BodyFormat is how the body is written.
	BodyFormat string `arg:"body_format" enum:"raw|json|form-urlencoded" default:"raw"`
	// URLUsername is the user for basic authentication.
	URLUsername string `arg:"url_username,alias=user"`
	// URLPassword is that user's password.
	URLPassword module.Secret `arg:"url_password,alias=password"`
}

// URITrust is whom to believe, and who we are.
type URITrust struct {
	// ValidateCerts is whether certificates that nobody vouches for are refused.
	ValidateCerts bool `arg:"validate_certs" default:"true"`
	// CaPath is the file of the certificates that are trusted, instead of the host's.
	CaPath string `arg:"ca_path"`
	// ClientCert is the file of our certificate.
	ClientCert string `arg:"client_cert"`
	// ClientKey is the file of its private key.
	ClientKey string `arg:"client_key"`
}

// URI asks a web server.
var URI = module.Define(module.Spec{
	Name: "uri", Summary: "Ask a web server, and look at its answer", Contained: true,
	Example: `- name: wait until the API answers
  uri:
    url: https://127.0.0.1:6443/healthz
    ca_path: /etc/kubernetes/pki/ca.crt
    return_content: true
  register: health
  until: eq .health.content "ok"
  retries: 30
  delay: 2
- name: make a project in the registry
  uri:
    url: https://registry.example.org/api/v2.0/projects
    method: POST
    body: {project_name: kube}
    body_format: json
    url_username: admin
    url_password: "{{ .registry_password }}"
    status_code: [201, 409]
`,
	Output: []module.Doc{{Name: "status", Text: "of the answer, -1 if there is none"}, {Name: "url", Text: "what has answered, after redirections"}, {Name: "content", Text: "its body"},
		{Name: "json", Text: "what is in the body, if it is JSON"}, {Name: "headers", Text: "of the answer, names in lower case"}, {Name: "content_type", Text: "of the answer"}},
}, planURI)

func planURI(ctx context.Context, r system.Reader, a *URIArgs) (*module.Plan, error) {
	q, err := a.command()
	if err != nil {
		return nil, err
	}
	p := &module.Plan{Output: map[string]any{}}
	if !a.safe() {
		q.send(p)
		return p, nil
	}
	return p, q.look(ctx, r, p)
}

// send plans a request that may change something. Whatever it does, later questions
// are to the server as it then is: a check does not answer them.
func (q *question) send(p *module.Plan) {
	q.pend(p)
	e := system.Closed(system.Vague(system.Key{Kind: "url", Name: q.shown}))
	e.Shown = true
	p.Add(change.Change{Action: change.Run, Kind: "url", Target: q.args.Method + " " + q.shown}, func(ctx context.Context, s system.System) error {
		out, err := s.Capture(ctx, q.cmd, e)
		if err != nil {
			return err
		}
		return q.judge(p, out)
	})
}

// look asks at once. An answer that is not as wanted is the failure of a Wait: a
// check cannot tell what will have been done by then, on this host and others.
func (q *question) look(ctx context.Context, r system.Reader, p *module.Plan) error {
	out, err := r.Query(ctx, q.cmd)
	if err != nil && !vague(err) {
		return err
	}
	asked := err == nil
	if asked && q.judge(p, out) == nil {
		return nil
	}
	if !asked {
		q.pend(p)
	}
	p.Add(change.Change{Action: change.Wait, Kind: "url", Target: q.shown}, func(ctx context.Context, s system.System) error {
		if !asked {
			if out, err = s.Query(ctx, q.cmd); err != nil {
				return err
			}
		}
		return q.judge(p, out)
	}).Certain = true
	return nil
}

// safe reports whether the method changes nothing.
func (a *URIArgs) safe() bool { return slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, a.Method) }

// check is an error for arguments that contradict each other.
func (a *URIArgs) check() error {
	switch {
	case !strings.HasPrefix(a.URL, "http://") && !strings.HasPrefix(a.URL, "https://"):
		return fmt.Errorf("url %q is neither http nor https", link.Redacted(a.URL))
	case (a.ClientCert == "") != (a.ClientKey == ""):
		return errors.New("client_cert and client_key belong together")
	case a.Timeout <= 0:
		return fmt.Errorf("timeout %d is not above 0", a.Timeout)
	}
	return nil
}
