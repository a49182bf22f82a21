package wire

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
)

// AppendValue appends v to b as one value without a newline. offer is called with
// each content that is too large to be part of it, digest and size filled in; nil
// makes such a content an error. Contents are read with ctx.
func AppendValue(ctx context.Context, b []byte, v any, offer func(system.Content)) ([]byte, error) {
	e := encoder{ctx: ctx, offer: offer, b: b}
	err := e.value(v)
	return e.b, err
}

// DecodeValue reads what AppendValue wrote. Contents that are not part of it are
// opened by fetch, which may be nil.
func DecodeValue(b []byte, fetch Fetch) (any, error) {
	d := decoder{b: b, fetch: fetch}
	return d.all()
}

// requestHead is a Request but for its Args and secrets, which are values.
type requestHead struct {
	*Request
	Args    *struct{}  `json:",omitempty"`
	Secrets *struct{}  `json:",omitempty"`
	Become  becomeHead `json:",omitzero"`
}

// becomeHead is a Become with its password as it is.
type becomeHead struct{ Method, User, Exe, Flags, Password string }

// EncodeRequest is q as the payload of a frame; see AppendValue. Secrets are in it
// as they are.
func EncodeRequest(ctx context.Context, q *Request, offer func(system.Content)) ([]byte, error) {
	x := q.Become
	b, err := json.Marshal(requestHead{Request: q, Become: becomeHead{x.Method, x.User, x.Exe, x.Flags, x.Password.Reveal()}})
	if err != nil {
		return nil, err
	}
	return AppendValue(ctx, append(b, '\n'), []any{q.Args, q.Secrets}, offer)
}

// DecodeRequest reads what EncodeRequest wrote.
func DecodeRequest(payload []byte, fetch Fetch) (*Request, error) {
	h := requestHead{Request: new(Request)}
	v, err := decode(payload, &h, 2, fetch)
	if err != nil {
		return nil, err
	}
	q := h.Request
	x := h.Become
	q.Become = Become{x.Method, x.User, x.Exe, x.Flags, secret.New(x.Password)}
	q.Args, _ = v[0].(map[string]any)
	list, _ := v[1].([]any)
	for _, s := range list {
		if s, ok := s.(secret.String); ok {
			q.Secrets = append(q.Secrets, s)
		}
	}
	return q, nil
}

// resultHead is a Result but for its Output and a command's output, which are
// values: they may be no text.
type resultHead struct {
	*Result
	Output *struct{} `json:",omitempty"`
	Err    *Error    `json:",omitempty"`
}

// EncodeResult is r as the payload of a frame.
func EncodeResult(r *Result) ([]byte, error) {
	h, stdout, stderr := resultHead{Result: r}, "", ""
	if r.Err != nil {
		e := *r.Err
		stdout, stderr, e.Stdout, e.Stderr = e.Stdout, e.Stderr, "", ""
		h.Err = &e
	}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return AppendValue(context.Background(), append(b, '\n'), []any{r.Output, stdout, stderr}, nil)
}

// DecodeResult reads what EncodeResult wrote.
func DecodeResult(payload []byte) (*Result, error) {
	h := resultHead{Result: new(Result)}
	v, err := decode(payload, &h, 3, nil)
	if err != nil {
		return nil, err
	}
	r := h.Result
	r.Output, _ = v[0].(map[string]any)
	if r.Err = h.Err; r.Err != nil {
		r.Err.Stdout, _ = v[1].(string)
		r.Err.Stderr, _ = v[2].(string)
	}
	return r, nil
}

// ID is the number of the request in the payload of a Request or a Result, also
// of one that cannot be decoded otherwise; 0 if there is none.
func ID(payload []byte) uint64 {
	var ref Ref
	line, _, _ := bytes.Cut(payload, []byte("\n"))
	_ = json.Unmarshal(line, &ref)
	return ref.ID
}

// decode reads a line of JSON into head and then a list of n values.
func decode(payload []byte, head any, n int, fetch Fetch) ([]any, error) {
	line, rest, _ := bytes.Cut(payload, []byte("\n"))
	if err := Decode(line, head); err != nil {
		return nil, err
	}
	v, err := DecodeValue(rest, fetch)
	if err != nil {
		return nil, err
	}
	l, _ := v.([]any)
	if len(l) != n {
		return nil, &ProtocolError{"message has not its number of values"}
	}
	return l, nil
}
