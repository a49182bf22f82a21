package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

func TestFramesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := wire.NewWriter(&b)
	sizes := []int{0, 1, 1000, wire.Chunk, 3 * wire.Chunk, 5 << 20, 3}
	for _, n := range sizes {
		if err := w.Send(wire.TypeResult, bytes.Repeat([]byte{byte(n)}, n/2), bytes.Repeat([]byte{byte(n)}, n-n/2)); err != nil {
			t.Fatal(err)
		}
	}
	r := wire.NewReader(&b)
	for _, n := range sizes {
		typ, got, err := r.Next()
		if typ != wire.TypeResult || err != nil || !bytes.Equal(got, bytes.Repeat([]byte{byte(n)}, n)) {
			t.Errorf("%d: type %d, %d bytes, %v", n, typ, len(got), err)
		}
	}
	if _, _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestATooLargeMessageIsNotSent(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := wire.NewWriter(&b)
	if err := w.Send(wire.TypeBlobChunk, make([]byte, wire.Chunk+33)); !errors.Is(err, wire.ErrTooLarge) || b.Len() > 0 {
		t.Errorf("%v, %d bytes sent", err, b.Len())
	}
	if err := w.Send(wire.TypeBye); err != nil {
		t.Error(err)
	}
}

func frame(n uint32, t wire.Type, payload string) string {
	return string(append(binary.BigEndian.AppendUint32(nil, n), byte(t))) + payload
}

func TestBrokenFramesAreRefused(t *testing.T) {
	t.Parallel()
	var p *wire.ProtocolError
	for _, s := range []string{frame(1, 0, "x"), frame(1, 99, "x"), frame(wire.MaxMessage+1, wire.TypeRequest, ""), frame(65, wire.TypePing, "")} {
		if _, _, err := wire.NewReader(strings.NewReader(s)).Next(); !errors.As(err, &p) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{frame(9, wire.TypeRequest, "x"), "\x00\x00", frame(9, wire.TypeRequest, "")} {
		if _, _, err := wire.NewReader(strings.NewReader(s)).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestAClaimedLengthTakesNoMemory(t *testing.T) {
	s := frame(wire.MaxMessage, wire.TypeRequest, "only this")
	n := testing.AllocsPerRun(10, func() { wire.NewReader(strings.NewReader(s)).Next() })
	got := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			wire.NewReader(strings.NewReader(s)).Next()
		}
	}).AllocedBytesPerOp()
	if got > 1<<20 || n > 20 {
		t.Errorf("%d bytes in %.0f pieces", got, n)
	}
}

func TestABannerIsSkipped(t *testing.T) {
	t.Parallel()
	for _, banner := range []string{"", "Welcome!\n", "no newline at its end", "\x01gokube \n", strings.Repeat("long ", 5000)} {
		r := wire.NewReader(strings.NewReader(banner + wire.Marker + frame(0, wire.TypeBye, "")))
		got, err := r.Skip()
		if string(got) != banner || err != nil {
			t.Errorf("%.20q: %.20q, %v", banner, got, err)
		}
		if typ, _, err := r.Next(); typ != wire.TypeBye || err != nil {
			t.Errorf("%.20q: then type %d, %v", banner, typ, err)
		}
	}
	if got, err := wire.NewReader(strings.NewReader("only this")).Skip(); string(got) != "only this" || !errors.Is(err, io.EOF) {
		t.Errorf("%q, %v", got, err)
	}
	var p *wire.ProtocolError
	if _, err := wire.NewReader(strings.NewReader(strings.Repeat("x", 1<<20))).Skip(); !errors.As(err, &p) {
		t.Error(err)
	}
}

func TestOldAndNewVersionsRefuseEachOther(t *testing.T) {
	t.Parallel()
	for _, v := range []int{wire.Version - 1, wire.Version + 1} {
		var h wire.Hello
		if err := wire.Decode(wire.Encode(&wire.Hello{Protocol: v}), &h); err != nil {
			t.Fatal(err)
		}
		if h.Check() == nil {
			t.Errorf("version %d is accepted", v)
		}
	}
	if err := (&wire.Hello{Protocol: wire.Version}).Check(); err != nil {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range []any{1, "x", map[string]any{"a": []any{1.5, nil}}, module.Pending{}, system.Data([]byte("x"))} {
		b, err := wire.AppendValue(f.Context(), nil, v, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add([]byte(frame(uint32(len(b)), wire.TypeRequest, string(b))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, err := wire.DecodeValue(data, nil); err == nil {
			b, err := wire.AppendValue(t.Context(), nil, v, func(system.Content) {})
			if err != nil {
				t.Skip() // a content that was not sent along
			}
			if _, err := wire.DecodeValue(b, nil); err != nil {
				t.Errorf("%q becomes %q: %v", data, b, err)
			}
		}
		r := wire.NewReader(bytes.NewReader(data))
		for {
			typ, payload, err := r.Next()
			if err != nil {
				return
			}
			wire.DecodeRequest(payload, nil)
			wire.DecodeResult(payload)
			wire.CutDigest(payload)
			_ = typ
		}
	})
}

func BenchmarkFrames(b *testing.B) {
	pr, pw := io.Pipe()
	w, r := wire.NewWriter(pw), wire.NewReader(pr)
	go func() {
		for w.Send(wire.TypePing, make([]byte, 60)) == nil {
		}
	}()
	for b.Loop() {
		if _, _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
	pr.Close()
}

func BenchmarkRequest(b *testing.B) {
	q := &wire.Request{ID: 1, Task: "install a package", Module: "package", Args: map[string]any{"name": []any{"a", "b"}, "state": "present"}}
	b.ReportAllocs()
	for b.Loop() {
		p, err := wire.EncodeRequest(b.Context(), q, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := wire.DecodeRequest(p, nil); err != nil {
			b.Fatal(err)
		}
	}
}
