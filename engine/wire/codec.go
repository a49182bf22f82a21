package wire

import (
	"context"
	"reflect"

	"github.com/gokube/gokube/engine/json"
	"github.com/gokube/gokube/engine/system"
)

// shapes are those of all messages.
var shapes = json.ShapesOf(reflect.TypeFor[Request](), reflect.TypeFor[Result](), reflect.TypeFor[Hello](), reflect.TypeFor[Facts](), reflect.TypeFor[Ref]()) //nolint:gochecknoglobals // it is only read

// AppendValue appends v to b as one value without a newline. offer is called with
// each content that is too large to be part of it, digest and size filled in; nil
// makes such a content an error. Contents are read with ctx.
func AppendValue(ctx context.Context, b []byte, v any, offer func(system.Content)) ([]byte, error) {
	return encode(ctx, b, v, offer)
}

// DecodeValue reads what AppendValue wrote. Contents that are not part of it are
// opened by fetch, which may be nil.
func DecodeValue(b []byte, fetch Fetch) (any, error) {
	var v any
	err := decode(b, &v, fetch)
	return v, err
}

// EncodeRequest is q as the payload of a frame; see AppendValue. Secrets are in it
// as they are.
func EncodeRequest(ctx context.Context, q *Request, offer func(system.Content)) ([]byte, error) {
	return encode(ctx, nil, q, offer)
}

// DecodeRequest reads what EncodeRequest wrote.
func DecodeRequest(payload []byte, fetch Fetch) (*Request, error) {
	q := new(Request)
	if err := decode(payload, q, fetch); err != nil {
		return nil, err
	}
	return q, nil
}

// EncodeResult is r as the payload of a frame.
func EncodeResult(r *Result) ([]byte, error) { return encode(context.Background(), nil, r, nil) }

// DecodeResult reads what EncodeResult wrote.
func DecodeResult(payload []byte) (*Result, error) {
	r := new(Result)
	if err := decode(payload, r, nil); err != nil {
		return nil, err
	}
	return r, nil
}

// ID is the number of the request in the payload of a Request or a Result, also
// of one that cannot be decoded otherwise; 0 if there is none.
func ID(payload []byte) uint64 {
	var ref Ref
	_ = decode(payload, &ref, nil) // the number comes first
	return ref.ID
}

// Encode is m, a *Hello, *Facts or *Ref, as the payload of a frame.
func Encode(m any) []byte {
	b, err := encode(context.Background(), nil, m, nil)
	if err != nil {
		panic(err) // they hold nothing that cannot be sent
	}
	return b
}

// Decode reads into m what Encode wrote.
func Decode(payload []byte, m any) error { return decode(payload, m, nil) }

// decode fills what to points to with a value.
func decode(b []byte, to any, fetch Fetch) error {
	t := tags{fetch: fetch}
	d := json.Decoder{B: b, Tagged: t.value, Shapes: shapes}
	t.decoder = &d
	err := d.Into(reflect.ValueOf(to).Elem())
	if err == nil {
		err = d.End()
	}
	if err != nil {
		return &ProtocolError{err.Error()}
	}
	return nil
}
