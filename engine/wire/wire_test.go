package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/change"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/secret"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// contents compares contents by what they hold.
var contents = cmp.Comparer(func(a, b system.Content) bool {
	if a.Open == nil || b.Open == nil {
		return a.Open == nil && b.Open == nil
	}
	x, err1 := a.Bytes(context.Background())
	y, err2 := b.Bytes(context.Background())
	return bytes.Equal(x, y) && cmp.Equal(err1, err2)
})

func roundTrip(t *testing.T, v any) any {
	t.Helper()
	b, err := wire.AppendValue(t.Context(), nil, v, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsRune(b, '\n') {
		t.Errorf("a newline in %q", b)
	}
	got, err := wire.DecodeValue(b, nil)
	if err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return got
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		nil, true, false, 0, -1, math.MaxInt64, math.MinInt64, 1.0, -0.5, 1e300, 1e21, math.Inf(1), math.Inf(-1),
		"", "plain", "quo\"te\\ \x00\n\t\x7f ü \u2028", "{{ .x }}", "no \xff text", []byte{0, 255}, []byte{},
		[]any{}, []any{1, []any{nil}}, map[string]any{}, map[string]any{"": 1, "b": "c"},
		map[string]any{"$secret": "not one"}, map[string]any{"a\xff": 1, "$": nil},
		unknown.Value{Why: "x"}, module.Pending{}, secret.New("s3cr\"t"), secret.New(""),
		module.Conditions{{Text: "a", Holds: true}, {Text: "b"}}, module.Conditions{},
		module.Expression{Text: "x", Value: []any{1, 2.0}},
		module.Template{Name: "x", Content: system.Data([]byte("y")), Secret: true},
		module.Source{Name: "x/", Entries: []module.Entry{
			{Path: "a", Type: 1 << 31, Mode: 0o755}, {Path: "a/b", Mode: 0o644, Content: system.Data([]byte("c"))},
			{Path: "l", Type: 1 << 27, Target: "a"},
		}},
		system.Content{Open: func(context.Context) (io.ReadCloser, error) { return nil, unknown.Value{Why: "w"} }, Size: -1},
	} {
		if diff := cmp.Diff(v, roundTrip(t, v), contents); diff != "" {
			t.Error(diff)
		}
	}
	if f, _ := roundTrip(t, math.NaN()).(float64); !math.IsNaN(f) {
		t.Error("NaN became a number")
	}
}

func TestTypedValuesBecomePlainOnes(t *testing.T) {
	t.Parallel()
	n := 3
	got := roundTrip(t, map[string]any{
		"l": []string{"a"}, "m": map[string]int{"x": 1}, "p": &n, "nil": (*int)(nil), "d": time.Second,
		"s": change.Attr{Name: "a", Value: "b"}, "u": uint8(7), "mode": module.Mode("0644"), "f": float32(0.5),
	})
	want := map[string]any{
		"l": []any{"a"}, "m": map[string]any{"x": 1}, "p": 3, "nil": nil, "d": int(time.Second),
		"s": map[string]any{"name": "a", "value": "b"}, "u": 7, "mode": "0644", "f": 0.5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// any value made of a random seed.
func random(r *rand.Rand, depth int) any {
	switch n := r.IntN(12); {
	case n < 3 && depth > 0:
		l := []any{}
		for range r.IntN(4) {
			l = append(l, random(r, depth-1))
		}
		return l
	case n < 6 && depth > 0:
		m := map[string]any{}
		for range r.IntN(4) {
			m[word(r)] = random(r, depth-1)
		}
		return m
	}
	return []any{nil, r.IntN(2) == 0, int(r.Uint64()), r.NormFloat64(), word(r), []byte(word(r)), secret.New(word(r)),
		unknown.Value{Why: strings.ToValidUTF8(word(r), "")}, float64(r.IntN(9)), module.Pending{}}[r.IntN(10)]
}

func word(r *rand.Rand) string {
	b := make([]byte, r.IntN(6))
	for i := range b {
		b[i] = []byte("$ab\"\\\n\x00\xff\xc3\xbc")[r.IntN(10)]
	}
	return string(b)
}

func TestRandomValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		v := random(rand.New(rand.NewPCG(seed, 1)), 5)
		if diff := cmp.Diff(v, roundTrip(t, v)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func TestMessagesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	check := true
	q := &wire.Request{
		ID: 7, Task: "t", Module: "copy", Args: map[string]any{"a": secret.New("x"), "n": 1}, Maybe: "m",
		Become: wire.Become{Method: "su", User: "u", Exe: "e", Flags: "-f", Password: secret.New("pw")},
		Env:    []string{"A=b"}, Secrets: []secret.String{secret.New("y")}, Check: &check, Timeout: time.Minute,
	}
	b, err := wire.EncodeRequest(t.Context(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.DecodeRequest(b, nil)
	if diff := cmp.Diff(q, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	text := "x"
	r := &wire.Result{
		ID: 9, Changes: []change.Change{{Action: change.Create, Kind: "file", Target: "/a", After: &change.Value{Text: &text}}},
		Done: 1, Output: map[string]any{"rc": 0, "stdout": "\xff"}, Unknown: &unknown.Value{Why: "w"}, Note: "n", Next: "x",
		Err: &wire.Error{Kind: wire.Command, Text: "t", Stdout: "\xfe", Stderr: "e", Code: 2},
		Bug: "b", Reconnect: &wire.Reconnect{Timeout: 1, Delay: 2, NewBoot: true}, Facts: true, Elapsed: 3,
	}
	if b, err = wire.EncodeResult(r); err != nil {
		t.Fatal(err)
	}
	back, err := wire.DecodeResult(b)
	if diff := cmp.Diff(r, back); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if r.Err.Stdout != "\xfe" || wire.ID(b) != 9 {
		t.Error("encoding changed the result, or hid its number")
	}
}

func TestLargeContentsAreOfferedAndFetched(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("x"), wire.Inline+1)
	var offered []system.Content
	c := system.Data(data)
	c.SHA256, c.Size = "", -1
	b, err := wire.AppendValue(t.Context(), nil, c, func(c system.Content) { offered = append(offered, c) })
	if err != nil || len(offered) != 1 || offered[0].SHA256 != system.Sum(data) || len(b) > 200 {
		t.Fatalf("%v, %d offered, %d bytes", err, len(offered), len(b))
	}
	v, err := wire.DecodeValue(b, func(ctx context.Context, d wire.Digest, size int64) (io.ReadCloser, error) {
		if d.String() != system.Sum(data) || size != int64(len(data)) {
			t.Errorf("fetch %s, %d", d, size)
		}
		return offered[0].Open(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.(system.Content).Bytes(t.Context()); !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestAContentThatChangedIsNotSent(t *testing.T) {
	t.Parallel()
	c := system.Data([]byte("now"))
	c.SHA256 = system.Sum([]byte("old"))
	if _, err := wire.AppendValue(t.Context(), nil, c, nil); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Error(err)
	}
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	t.Parallel()
	deep := any(1)
	for range 1000 {
		deep = []any{deep}
	}
	for _, v := range []any{make(chan int), uint64(math.MaxUint64), deep, func() {}} {
		if _, err := wire.AppendValue(t.Context(), nil, v, nil); err == nil {
			t.Errorf("%T was sent", v)
		}
	}
}

func TestMalformedValuesAreProtocolErrors(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "x", "nul", `"`, `"\`, "[", "[1", "[1 2]", "{", `{"a"}`, `{"a":}`, "1x", "--", "1 2", `{"$unknown":1}`, `{"$nosuch":"x"}`,
		`{"$source":[]}`, `{"$source":["x",1]}`, `{"$content":["zz",1]}`, `{"$template":["x",1]}`, `{"$pairs":[1]}`, `{"$bytes":"?"}`,
		`{"$unknown":"x","b":1}`, "99999999999999999999", strings.Repeat("[", 5000), `{"$conditions":["a"]}`, "\"\xff\"",
	} {
		var p *wire.ProtocolError
		if _, err := wire.DecodeValue([]byte(s), nil); !errors.As(err, &p) {
			t.Errorf("%.40q: %v", s, err)
		}
	}
}
