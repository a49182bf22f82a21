package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/gokube/gokube/engine/runner/blob"
	"github.com/gokube/gokube/engine/wire"
)

// sender answers a store's questions from its contents.
type sender struct {
	store *blob.Store
	all   map[wire.Digest][]byte
	asked chan wire.Digest
}

func newSender(dirs ...string) *sender {
	s := &sender{all: map[wire.Digest][]byte{}, asked: make(chan wire.Digest, 9)}
	s.store = blob.New(func(d wire.Digest) { s.asked <- d }, dirs...)
	return s
}

func (s *sender) add(data []byte) wire.Digest {
	d := wire.Digest(sha256.Sum256(data))
	s.all[d] = data
	return d
}

func (s *sender) answer() {
	d := <-s.asked
	for data := s.all[d]; len(data) > 0; {
		n := min(len(data), wire.Chunk)
		s.store.Chunk(d, data[:n])
		data = data[n:]
	}
	s.store.Chunk(d, nil)
}

func (s *sender) open(t *testing.T, d wire.Digest) []byte {
	t.Helper()
	f, err := s.store.Open(t.Context(), d, int64(len(s.all[d])))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAContentIsAskedForOnceAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSender("/nowhere", dir)
	for _, size := range []int{1, 100_000, 3 << 20} {
		data := bytes.Repeat([]byte("abcdefg"), size/7+1)
		d := s.add(data)
		go s.answer()
		for range 2 {
			if !bytes.Equal(s.open(t, d), data) {
				t.Errorf("%d: other bytes", size)
			}
		}
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
	if len(s.asked) > 0 {
		t.Error("asked again")
	}
}

func TestWrongContentsAreRefusedAndAskedForAgain(t *testing.T) {
	t.Parallel()
	s := newSender(t.TempDir())
	data := []byte("right")
	d := s.add(data)
	for name, bad := range map[string]func(wire.Digest){
		"short":   func(d wire.Digest) { s.store.Chunk(d, data[:2]); s.store.Chunk(d, nil) },
		"long":    func(d wire.Digest) { s.store.Chunk(d, []byte("rightly")) },
		"other":   func(d wire.Digest) { s.store.Chunk(d, []byte("wrong")); s.store.Chunk(d, nil) },
		"missing": func(d wire.Digest) { s.store.Missing(d, "open x: no such file") },
		"over":    func(wire.Digest) { s.store.Fail("the controller is gone") },
	} {
		go func() { bad(<-s.asked) }()
		if _, err := s.store.Open(t.Context(), d, 5); err == nil || !strings.HasPrefix(err.Error(), "receive content: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	go s.answer()
	if got := s.open(t, d); string(got) != "right" {
		t.Errorf("%q", got)
	}
}

func TestAnInterruptedContentStartsAgain(t *testing.T) {
	t.Parallel()
	s := newSender(t.TempDir())
	data := bytes.Repeat([]byte("x"), 2<<20)
	d := s.add(data)
	go func() {
		s.store.Chunk(<-s.asked, data[:wire.Chunk])
		s.store.Again()
		s.answer()
	}()
	if !bytes.Equal(s.open(t, d), data) {
		t.Error("other bytes")
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := newSender()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.store.Open(ctx, wire.Digest{}, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.store.Chunk(wire.Digest{9}, []byte("nobody waits for it"))
}

func TestAHundredMegabytesTakeNoMemory(t *testing.T) {
	const size = 100 << 20
	h := sha256.New()
	chunk := make([]byte, wire.Chunk)
	for range size / wire.Chunk {
		h.Write(chunk)
	}
	s := newSender(t.TempDir())
	d := wire.Digest(h.Sum(nil))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		d := <-s.asked
		for range size / wire.Chunk {
			s.store.Chunk(d, chunk)
		}
		s.store.Chunk(d, nil)
	}()
	f, err := s.store.Open(t.Context(), d, size)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := io.Copy(io.Discard, f)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; n != size || err != nil || took > 2<<20 {
		t.Errorf("%d bytes, %v, %d allocated", n, err, took)
	}
}
