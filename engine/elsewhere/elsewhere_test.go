package elsewhere_test

import (
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/elsewhere"
	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/unknown"
	"github.com/gokube/gokube/engine/wire"
)

// host answers looks with found and reads with data, and counts the latter.
func host(found []wire.Found, data []byte, reads *int) elsewhere.Host {
	return elsewhere.Host{Name: "cp-1", Task: "t", Become: wire.Become{Method: "sudo"}, Do: func(_ context.Context, q *wire.Request) *wire.Result {
		if q.Become.Method != "sudo" {
			return &wire.Result{Err: &wire.Error{Text: "not as the task's user"}}
		}
		if q.Module == wire.Look {
			return &wire.Result{Output: wire.FoundOutput(found)}
		}
		*reads++
		at := q.Args["offset"].(int)
		return &wire.Result{Output: map[string]any{"data": data[min(at, len(data)):min(at+q.Args["size"].(int), len(data))]}}
	}}
}

func TestContentsAreReadPieceByPieceWhenTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	data, reads := bytes.Repeat([]byte("0123456789"), 100_000), 0
	h := host([]wire.Found{{Path: "d", Type: fs.ModeDir}, {Path: "d/x", Size: int64(len(data)), SHA256: system.Sum(data), File: "/x"}}, data, &reads)
	v, err := h.Find(t.Context(), "/srv", nil)
	src, _ := v.(module.Source)
	if err != nil || src.Name != "/srv" || len(src.Entries) != 2 || reads != 0 {
		t.Fatalf("%+v, %v, %d reads", v, err, reads)
	}
	c := src.Entries[1].Content
	got, err := c.Bytes(t.Context())
	if err != nil || !bytes.Equal(got, data) || reads < 2 || !c.Lazy {
		t.Errorf("%d bytes, %d reads, %v", len(got), reads, err)
	}
}

func TestWhatCannotBeReadSaysWhere(t *testing.T) {
	t.Parallel()
	reads := 0
	h := host([]wire.Found{{Path: ".", Size: -1, Unknown: "content of /x"}, {Path: ".", Size: 9, SHA256: "x", File: "/x"}}, []byte("short"), &reads)
	v, err := h.Find(t.Context(), "/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	entries := v.(module.Source).Entries
	_, err = entries[0].Content.Bytes(t.Context())
	if u, vague := unknown.Of(err); !vague || u.Why != "content of /x on cp-1" {
		t.Errorf("unknown: %v", err)
	}
	if _, err = entries[1].Content.Bytes(t.Context()); err == nil || !strings.Contains(err.Error(), "read /x on cp-1: unexpected EOF") {
		t.Errorf("short: %v", err)
	}
	for want, r := range map[string]*wire.Result{
		"look at /x on cp-1: connect: refused": {Err: &wire.Error{Kind: wire.Lost, Text: "connect: refused"}},
		"answer to a look has no list":         {},
	} {
		h.Do = func(context.Context, *wire.Request) *wire.Result { return r }
		if _, err := h.Find(t.Context(), "/x", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	h.Do = func(context.Context, *wire.Request) *wire.Result {
		return &wire.Result{Unknown: &unknown.Value{Why: "a command"}}
	}
	if v, err := h.Find(t.Context(), "/x", nil); err != nil || v != (unknown.Value{Why: "a command on cp-1"}) {
		t.Errorf("%v, %v", v, err)
	}
}
