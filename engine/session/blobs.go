package session

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/wire"
)

// blobs are the contents that were offered to the runner, by digest. It asks for
// those that the host does not have.
type blobs struct {
	mu  sync.Mutex
	all map[wire.Digest]system.Content
}

func (b *blobs) offer(c system.Content) {
	d, err := wire.ParseDigest(c.SHA256)
	if err != nil {
		return // cannot be asked for
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[wire.Digest]system.Content{}
	}
	b.all[d] = c
}

func (b *blobs) find(d wire.Digest) (system.Content, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.all[d]
	return c, ok
}

// send sends the content with digest d in frames between which others pass.
func (b *blobs) send(ctx context.Context, l *link, d wire.Digest) {
	if err := b.stream(ctx, l, d); err != nil {
		text := err.Error()
		_ = l.w.Send(wire.TypeBlobMissing, d[:], []byte(text[:min(len(text), wire.Inline)])) // or the link is dead
	}
}

func (b *blobs) stream(ctx context.Context, l *link, d wire.Digest) error {
	c, ok := b.find(d)
	if !ok {
		return fmt.Errorf("the controller has no content %s", d)
	}
	f, err := c.Open(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := make([]byte, wire.Chunk)
	for {
		n, err := io.ReadFull(f, buf)
		if n > 0 {
			if err := l.w.Send(wire.TypeBlobChunk, d[:], buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return l.w.Send(wire.TypeBlobChunk, d[:])
		default:
			return err
		}
	}
}
