package network

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
)

// question is the command that asks, and what its answer must be.
type question struct {
	args  *URIArgs
	cmd   system.Cmd
	shown string // the URL without a password
}

// command is the question that the arguments are.
func (a *URIArgs) command() (*question, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	q := &question{args: a, shown: redacted(a.URL)}
	url, user, password := bare(a.URL)
	if a.URLUsername != "" {
		user, password = a.URLUsername, a.URLPassword.Reveal()
	}
	in, err := a.sent(user, password)
	if err != nil {
		return nil, err
	}
	argv := []string{"http", "-timeout", strconv.Itoa(a.Timeout)}
	for _, f := range [][2]string{{"-ca", a.CaPath}, {"-cert", a.ClientCert}, {"-key", a.ClientKey}, {"-unix", a.UnixSocket}} {
		if f[1] != "" {
			argv = append(argv, f[0], f[1])
		}
	}
	for _, f := range []struct {
		name string
		on   bool
	}{{"-insecure", !a.ValidateCerts}, {"-stay", a.FollowRedirects == "none" || a.FollowRedirects == "safe" && !a.safe()}, {"-direct", !a.UseProxy}} {
		if f.on {
			argv = append(argv, f.name)
		}
	}
	q.cmd = system.Cmd{Tool: true, Argv: append(argv, a.Method, url), Stdin: in}
	return q, nil
}

// sent is what goes to the program's standard input; nil if that is nothing.
func (a *URIArgs) sent(user, password string) ([]byte, error) {
	in := map[string]any{}
	headers := map[string]any{}
	for k, v := range a.Headers {
		headers[k] = v.Reveal()
	}
	typed := slices.ContainsFunc(mapKeys(headers), func(k string) bool { return strings.EqualFold(k, "content-type") })
	switch body := revealed(a.Body); {
	case a.Body == nil:
	case a.BodyFormat == "form-urlencoded":
		form, err := form(body)
		if err != nil {
			return nil, err
		}
		in["form"] = form
	case a.BodyFormat == "json":
		text, err := asJSON(body)
		if err != nil {
			return nil, err
		}
		in["body"] = text
		if !typed {
			headers["Content-Type"] = "application/json"
		}
	default:
		text, ok := body.(string)
		if !ok {
			return nil, errors.New("body is no text: set body_format: json")
		}
		in["body"] = text
	}
	if len(headers) > 0 {
		in["headers"] = headers
	}
	if user != "" {
		in["user"], in["password"] = user, password
	}
	if len(in) == 0 {
		return nil, nil
	}
	return json.Marshal(in)
}

func mapKeys(m map[string]any) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// asJSON is a body as JSON; text that is JSON already stays.
func asJSON(body any) (string, error) {
	if text, ok := body.(string); ok {
		var v any
		if json.Unmarshal([]byte(text), &v) == nil {
			return text, nil
		}
	}
	text, err := json.Marshal(body)
	return string(text), err
}

// form is a body as names and values.
func form(body any) (map[string][]string, error) {
	m, ok := body.(map[string]any)
	if !ok {
		return nil, errors.New("body is no map, as body_format: form-urlencoded wants it")
	}
	out := map[string][]string{}
	for k, v := range m {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			out[k] = append(out[k], fmt.Sprint(x))
		}
	}
	return out, nil
}

// revealed is v with its secrets as text: it goes to a standard input only.
func revealed(v any) any {
	switch v := v.(type) {
	case module.Secret:
		return v.Reveal()
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = revealed(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = revealed(x)
		}
		return out
	}
	return v
}

// reply is what the program says of an answer.
type reply struct {
	Status  int               `json:"status"`
	Reason  string            `json:"reason"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Base64  bool              `json:"base64"`
	Cut     bool              `json:"truncated"`
}

// judge puts the answer into p's output; an error if it is not as wanted.
func (q *question) judge(p *module.Plan, out system.Output) error {
	o := p.Output
	if out.Code != 0 {
		o["status"], o["url"], o["content"], o["json"], o["headers"], o["content_type"] = -1, q.shown, nil, nil, map[string]any{}, ""
		return fmt.Errorf("ask %s: %w", q.shown, out.Err(q.cmd))
	}
	var got reply
	if err := json.Unmarshal(out.Stdout, &got); err != nil {
		return fmt.Errorf("read the answer of http: %w", err)
	}
	body := got.Body
	if got.Base64 {
		if raw, err := base64.StdEncoding.DecodeString(body); err == nil {
			body = string(raw)
		}
	}
	good := slices.Contains(q.args.StatusCode, got.Status)
	o["status"], o["url"], o["content"], o["json"] = got.Status, got.URL, nil, nil
	headers := map[string]any{}
	for k, v := range got.Headers {
		headers[k] = v
	}
	o["headers"], o["content_type"] = headers, got.Headers["content-type"]
	if !good || q.args.ReturnContent {
		o["content"] = body
	}
	if strings.Contains(got.Headers["content-type"], "json") {
		var v any
		if json.Unmarshal([]byte(body), &v) == nil {
			o["json"] = v
		}
	}
	switch {
	case !good:
		return fmt.Errorf("ask %s: the status is %d %s%s, not %s", q.shown, got.Status, got.Reason, excerpt(body), numbers(q.args.StatusCode))
	case got.Cut && q.args.ReturnContent:
		return fmt.Errorf("ask %s: the answer is longer than %d bytes", q.shown, len(body))
	}
	return nil
}

// pend says that the output is known after apply.
func (q *question) pend(p *module.Plan) {
	for _, k := range []string{"status", "url", "content", "json", "headers", "content_type"} {
		p.Output[k] = module.Pending{}
	}
}

// excerpt is the beginning of an answer, for a message.
func excerpt(body string) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(body, "?")), " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "..."
	}
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func numbers(all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, " or ")
}

// vague reports whether err means that nobody knows yet.
func vague(err error) bool { return system.Absent(err) && !errors.Is(err, fs.ErrNotExist) }
