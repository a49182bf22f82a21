package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// job is one download.
type job struct {
	url, sum, path string
	timeout        time.Duration
	options        options
}

// options come on standard input: headers may hold secrets.
type options struct {
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

const maxOptions = 16 << 20

func parse(args []string, in io.Reader) (*job, error) {
	j := &job{}
	f := flag.NewFlagSet("fetch", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	seconds := f.Float64("timeout", 0, "")
	f.StringVar(&j.sum, "sha256", "", "")
	f.StringVar(&j.path, "o", "", "")
	err := f.Parse(args)
	if err == nil && f.NArg() != 1 {
		err = errors.New("one URL is wanted")
	}
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	j.url, j.timeout, j.sum = f.Arg(0), time.Duration(*seconds*float64(time.Second)), strings.ToLower(j.sum)
	text, err := io.ReadAll(io.LimitReader(in, maxOptions))
	if err == nil && len(strings.TrimSpace(string(text))) > 0 {
		err = json.Unmarshal(text, &j.options)
	}
	if err != nil {
		return nil, &failure{exitUsage, fmt.Errorf("read options: %w", err)}
	}
	return j, nil
}

func fetch(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	j, err := parse(args, in)
	if err != nil {
		return err
	}
	if j.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, j.timeout, fmt.Errorf("no complete answer within %s", j.timeout))
		defer cancel()
	}
	if address, ok := strings.CutPrefix(j.url, "tcp://"); ok {
		return j.dial(ctx, address)
	}
	resp, err := j.ask(ctx)
	if err != nil {
		return j.explain(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		words, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // only to be shown
		return &failure{exitStatus, fmt.Errorf("%s: %s%s", j.shown(), resp.Status, excerpt(words))}
	}
	if j.path == "" {
		_, err = j.copy(ctx, out, resp)
		return err
	}
	return j.save(ctx, resp, out)
}

func (j *job) ask(ctx context.Context) (*http.Response, error) {
	method := j.options.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, j.url, strings.NewReader(j.options.Body))
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, &failure{exitUsage, fmt.Errorf("%s is no http or https URL", j.shown())}
	}
	req.Header.Set("User-Agent", "gokube-fetch")
	for k, v := range j.options.Headers {
		if strings.EqualFold(k, "host") {
			req.Host = v
		}
		req.Header.Set(k, v)
	}
	return http.DefaultClient.Do(req)
}

// shown is the URL without a password.
func (j *job) shown() string {
	u, err := url.Parse(j.url)
	if err != nil {
		return "the URL"
	}
	return u.Redacted()
}

// sum is what was copied.
type sum struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Status int    `json:"status"`
}

// copy writes the body to w and verifies it.
func (j *job) copy(ctx context.Context, w io.Writer, resp *http.Response) (sum, error) {
	h := sha256.New()
	body := &watched{r: resp.Body}
	n, err := io.Copy(io.MultiWriter(w, h), body)
	switch {
	case body.err != nil:
		if ctx.Err() != nil {
			body.err = context.Cause(ctx)
		}
		return sum{}, &failure{exitShort, fmt.Errorf("%s: the answer ended after %d bytes: %w", j.shown(), n, body.err)}
	case err != nil:
		return sum{}, &failure{exitWrite, err}
	}
	got := hex.EncodeToString(h.Sum(nil))
	if j.sum != "" && got != j.sum {
		return sum{}, &failure{exitChecksum, fmt.Errorf("%s: its SHA-256 is %s, not %s", j.shown(), got, j.sum)}
	}
	return sum{got, n, resp.StatusCode}, nil
}

// watched tells errors of the reader from those of the writer.
type watched struct {
	r   io.Reader
	err error
}

// Read remembers an error.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// explain gives an error of the connection its exit code.
func (j *job) explain(ctx context.Context, err error) error {
	var done *failure
	if errors.As(err, &done) {
		return err
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // it repeats the URL, with its password
	}
	code := exitConnect
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var lookup *net.DNSError
	switch {
	case errors.As(err, &unknown), errors.As(err, &invalid), errors.As(err, &name), errors.As(err, &alert), errors.As(err, &record):
		code = exitTLS
	case ctx.Err() != nil:
		code, err = exitShort, context.Cause(ctx)
	case errors.As(err, &lookup):
		err = fmt.Errorf("look up %s: %s", lookup.Name, lookup.Err)
	}
	return &failure{code, fmt.Errorf("%s: %w", j.shown(), err)}
}

func excerpt(words []byte) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(words), "?")), " ")
	if s == "" {
		return ""
	}
	return ": " + s
}
