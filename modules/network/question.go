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
	"github.com/gokube/gokube/modules/network/link"
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
	q := &question{args: a, shown: link.Redacted(a.URL)}
	url, user, password := link.Bare(a.URL)
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
	in, headers := map[string]any{}, map[string]any{}
	if a.Body != nil {
		if err := a.body(in, headers); err != nil {
			return nil, err
		}
	}
	for k, v := range a.Headers {
		if strings.EqualFold(k, contentType) {
			delete(headers, contentType)
		}
		headers[k] = v.Reveal()
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

const contentType = "Content-Type"

// body puts the body into in, and its type into headers.
func (a *URIArgs) body(in, headers map[string]any) (err error) {
	body := revealed(a.Body)
	switch a.BodyFormat {
	case "form-urlencoded":
		in["form"], err = form(body)
	case "json":
		headers[contentType] = "application/json"
		in["body"], err = asJSON(body)
	default:
		text, ok := body.(string)
		if !ok {
			return errors.New("body is no text: set body_format: json")
		}
		in["body"] = text
	}
	return err
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
	if out.Code != 0 {
		q.tell(p, &reply{Status: -1, URL: q.shown}, nil)
		return &unanswered{q.shown, out.Err(q.cmd), out}
	}
	var got reply
	if err := json.Unmarshal(out.Stdout, &got); err != nil {
		return fmt.Errorf("read the answer of http: %w", err)
	}
	if got.Base64 {
		if raw, err := base64.StdEncoding.DecodeString(got.Body); err == nil {
			got.Body = string(raw)
		}
	}
	good := slices.Contains(q.args.StatusCode, got.Status)
	var content any
	if !good || q.args.ReturnContent {
		content = got.Body
	}
	q.tell(p, &got, content)
	switch {
	case !good:
		return fmt.Errorf("ask %s: the status is %d %s%s, not %s", q.shown, got.Status, got.Reason, excerpt(got.Body), numbers(q.args.StatusCode))
	case got.Cut && q.args.ReturnContent:
		return fmt.Errorf("ask %s: the answer is longer than %d bytes", q.shown, len(got.Body))
	}
	return nil
}

// unanswered is a server that has not answered; err has all that the program said.
type unanswered struct {
	shown string
	err   error
	out   system.Output
}

// Error is what the program says last, without what is said already.
func (u *unanswered) Error() string {
	said := strings.TrimSpace(string(u.out.Stderr))
	said = said[strings.LastIndexByte(said, '\n')+1:]
	plain, _, _ := link.Bare(u.shown)
	return "ask " + u.shown + ": " + strings.TrimPrefix(strings.TrimPrefix(said, "http: "), plain+": ")
}

// Unwrap is the program's error.
func (u *unanswered) Unwrap() error { return u.err }

// tell puts a reply into p's output.
func (q *question) tell(p *module.Plan, got *reply, content any) {
	headers, kind := map[string]any{}, got.Headers["content-type"]
	for k, v := range got.Headers {
		headers[k] = v
	}
	var parsed any
	if strings.Contains(kind, "json") && json.Unmarshal([]byte(got.Body), &parsed) != nil {
		parsed = nil
	}
	for k, v := range map[string]any{"status": got.Status, "url": got.URL, "content": content, "json": parsed, "headers": headers, "content_type": kind} {
		p.Output[k] = v
	}
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
