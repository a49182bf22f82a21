package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gokube/gokube/cmd/gokube-tool/outcome"
)

// job is one download.
type job struct {
	url, sum, path string
	options        options
}

// options come on standard input: headers may hold secrets.
type options struct {
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// Fetch is `fetch [-timeout SECONDS] [-sha256 HEX] [-o PATH] URL`. A JSON object on
// in, which may be empty, gives "method", "headers" and "body". With -o the body
// replaces PATH when all of it has arrived, and a JSON object with "sha256", "size"
// and "status" is printed; without, the body is.
func Fetch(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	j := &job{}
	f, seconds := flags("fetch")
	f.StringVar(&j.sum, "sha256", "", "")
	f.StringVar(&j.path, "o", "", "")
	if err := parse(f, args, 1, "one URL"); err != nil {
		return err
	}
	if err := outcome.Options(in, &j.options); err != nil {
		return err
	}
	j.url, j.sum = f.Arg(0), strings.ToLower(j.sum)
	ctx, cancel := within(ctx, *seconds)
	defer cancel()
	return j.run(ctx, out)
}

func (j *job) run(ctx context.Context, out io.Writer) error {
	req, err := request(ctx, j.options.Method, j.url, j.options.Body, j.options.Headers)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return explain(ctx, shown(j.url), err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		words, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // only to be shown
		return &outcome.Failure{Code: outcome.Status, Err: fmt.Errorf("%s: %s%s", shown(j.url), resp.Status, excerpt(words))}
	}
	if j.path == "" {
		_, err = j.copy(ctx, out, resp)
		return err
	}
	return j.save(ctx, resp, out)
}

func request(ctx context.Context, method, to, body string, headers map[string]string) (*http.Request, error) {
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return nil, outcome.Misuse("%s: no such request can be made", shown(to))
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, outcome.Misuse("%s is no http or https URL", shown(to))
	}
	req.Header.Set("User-Agent", "gokube")
	for k, v := range headers {
		if strings.EqualFold(k, "host") {
			req.Host = v
		}
		req.Header.Set(k, v)
	}
	return req, nil
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
		return sum{}, &outcome.Failure{Code: outcome.Short, Err: fmt.Errorf("%s: the answer ended after %d bytes: %w", shown(j.url), n, body.err)}
	case err != nil:
		return sum{}, &outcome.Failure{Code: outcome.Write, Err: err}
	}
	got := hex.EncodeToString(h.Sum(nil))
	if j.sum != "" && got != j.sum {
		return sum{}, &outcome.Failure{Code: outcome.Checksum, Err: fmt.Errorf("%s: its SHA-256 is %s, not %s", shown(j.url), got, j.sum)}
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
