package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// asked is the command line of http.
type asked struct {
	method, url               string
	ca, cert, key, name       string
	source, unix              string
	insecure, stay, withProxy bool
	limit                     int64
}

// secrets come on standard input.
type secrets struct {
	Headers  map[string]string   `json:"headers"`
	Body     string              `json:"body"`
	Form     map[string][]string `json:"form"` // a body of its own
	User     string              `json:"user"`
	Password string              `json:"password"`
}

// content is the body, and the headers with its type.
func (s *secrets) content() (string, map[string]string) {
	if s.Form == nil {
		return s.Body, s.Headers
	}
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	maps.Copy(headers, s.Headers)
	return url.Values(s.Form).Encode(), headers
}

// answer is what is printed.
type answer struct {
	Status  int               `json:"status"`
	Reason  string            `json:"reason"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Base64  bool              `json:"base64,omitempty"`    // Body is no text, and encoded
	Cut     bool              `json:"truncated,omitempty"` // Body is only the beginning
}

// maxBody is how much of an answer is kept: in JSON it still is less than the 4 MiB
// that gokube keeps of what a command prints.
const maxBody = 1900 << 10

// HTTP is `http [-timeout SECONDS] [-ca PATH] [-cert PATH -key PATH] [-insecure]
// [-servername NAME] [-source ADDRESS] [-unix PATH] [-stay] [-direct] [-limit BYTES]
// METHOD URL`. A JSON object on in, which may be empty, gives "headers", "body" or
// "form", "user" and "password". Any answer is a success and printed as a JSON object with
// "status", "reason", "url", "headers" (lower case) and "body"; one that is no text
// is in base64, and "base64" is true. -stay follows no redirection, -direct uses no
// proxy.
func HTTP(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var a asked
	f, seconds := flags("http")
	for name, v := range map[string]*string{"ca": &a.ca, "cert": &a.cert, "key": &a.key, "servername": &a.name, "source": &a.source, "unix": &a.unix} {
		f.StringVar(v, name, "", "")
	}
	f.BoolVar(&a.insecure, "insecure", false, "")
	f.BoolVar(&a.stay, "stay", false, "")
	direct := f.Bool("direct", false, "")
	f.Int64Var(&a.limit, "limit", maxBody, "")
	if err := parse(f, args, 2, "METHOD and URL"); err != nil {
		return err
	}
	a.method, a.url, a.withProxy = f.Arg(0), f.Arg(1), !*direct
	var s secrets
	if err := outcome.Options(in, &s); err != nil {
		return err
	}
	ctx, cancel := within(ctx, *seconds)
	defer cancel()
	got, err := a.ask(ctx, &s)
	if err != nil {
		return err
	}
	return outcome.Print(out, got)
}

func (a *asked) ask(ctx context.Context, s *secrets) (*answer, error) {
	body, headers := s.content()
	req, err := request(ctx, a.method, a.url, body, headers)
	if err != nil {
		return nil, err
	}
	if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return nil, explain(ctx, shown(a.url), err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, a.limit+1))
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, &outcome.Failure{Code: outcome.Short, Err: fmt.Errorf("%s: the answer ended after %d bytes: %w", shown(a.url), len(text), err)}
	}
	return a.say(resp, text), nil
}

func (a *asked) say(resp *http.Response, body []byte) *answer {
	got := &answer{
		Status: resp.StatusCode, Reason: http.StatusText(resp.StatusCode), URL: resp.Request.URL.Redacted(), Headers: map[string]string{},
	}
	for k, v := range resp.Header {
		got.Headers[strings.ToLower(k)] = strings.Join(v, ", ")
	}
	if int64(len(body)) > a.limit {
		body, got.Cut = body[:a.limit], true
	}
	if got.Body = string(body); !utf8.Valid(body) {
		got.Body, got.Base64 = base64.StdEncoding.EncodeToString(body), true
	}
	return got
}

func (a *asked) client() (*http.Client, error) {
	trust, err := a.trust()
	if err != nil {
		return nil, err
	}
	d := &net.Dialer{}
	if a.source != "" {
		ip := net.ParseIP(a.source)
		if ip == nil {
			return nil, outcome.Misuse("%s is no IP address", a.source)
		}
		d.LocalAddr = &net.TCPAddr{IP: ip}
	}
	t := &http.Transport{TLSClientConfig: trust, DialContext: d.DialContext, ForceAttemptHTTP2: true}
	if a.withProxy {
		t.Proxy = http.ProxyFromEnvironment
	}
	if a.unix != "" {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", a.unix) }
	}
	c := &http.Client{Transport: t}
	if a.stay {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c, nil
}

// trust is whom to believe, and who we are.
func (a *asked) trust() (*tls.Config, error) {
	c := &tls.Config{InsecureSkipVerify: a.insecure, ServerName: a.name, MinVersion: tls.VersionTLS12}
	if a.ca != "" {
		text, err := os.ReadFile(a.ca)
		if err != nil {
			return nil, outcome.Bad("read certificates: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, outcome.Bad("%s holds no certificate", a.ca)
		}
	}
	if (a.cert == "") != (a.key == "") {
		return nil, outcome.Misuse("-cert and -key belong together")
	}
	if a.cert == "" {
		return c, nil
	}
	pair, err := tls.LoadX509KeyPair(a.cert, a.key)
	if err != nil {
		return nil, outcome.Bad("read the certificate %s and its key %s: %w", a.cert, a.key, err)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}
