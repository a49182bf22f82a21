package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"

	"github.com/gokube/gokube/engine/module"
	"github.com/gokube/gokube/engine/runner"
	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
	"github.com/gokube/gokube/engine/wire"
	"github.com/gokube/gokube/modules"
)

// BenchmarkUnchangedCopy is a file of 1 MiB that is there already, on a real file
// system: what a run with nothing to do costs a host for it.
func BenchmarkUnchangedCopy(b *testing.B) {
	text := bytes.Repeat([]byte("0123456789abcde\n"), 1<<16)
	sum := sha256.Sum256(text)
	src := module.Source{Name: "big", Entries: []module.Entry{{Path: ".", Mode: 0o644, Content: system.Content{
		SHA256: hex.EncodeToString(sum[:]), Size: int64(len(text)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	}}}}
	h := runner.New(local.New(local.Options{Root: b.TempDir()}), runner.Options{Modules: modules.All()})
	defer h.Close()
	q := &wire.Request{Module: "copy", Args: module.Args{"src": src, "dest": "/big", "mode": "0644"}}
	if r := h.Do(b.Context(), q); r.Err != nil || len(r.Changes) == 0 {
		b.Fatalf("%+v", r)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if r := h.Do(b.Context(), q); r.Err != nil || len(r.Changes) > 0 {
			b.Fatalf("%+v", r)
		}
	}
}
