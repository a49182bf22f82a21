package runner

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/gokube/gokube/engine/wire"
)

// link is one connection to the controller.
type link struct {
	r      *wire.Reader
	w      *wire.Writer
	closer io.Closer
}

func newLink(r io.Reader, w io.Writer, c io.Closer) *link {
	return &link{wire.NewReader(r), wire.NewWriter(w), c}
}

func (l *link) close() {
	if l.closer != nil {
		_ = l.closer.Close() // nobody is at its other end
	}
}

// current is the link that answers go to, nil while there is none.
type current struct{ at atomic.Pointer[link] }

func (c *current) get() *link         { return c.at.Load() }
func (c *current) swap(l *link) *link { return c.at.Swap(l) }

// read handles what comes on l until it ends; nil means that the controller said
// goodbye.
func (s *server) read(l *link) error {
	for {
		t, payload, err := l.r.Next()
		if err != nil {
			return err
		}
		if t == wire.TypeBye {
			return nil
		}
		if err := s.take(l, t, payload); err != nil {
			return err
		}
	}
}

var errReplaced = errors.New("connection was replaced")

// take handles a frame of the current link.
func (s *server) take(l *link, t wire.Type, payload []byte) error {
	s.taking.Lock()
	defer s.taking.Unlock()
	if s.cur.get() != l {
		return errReplaced
	}
	return s.handle(l, t, payload)
}

// handle does what one frame says. It must not wait for anything but the disk.
func (s *server) handle(l *link, t wire.Type, payload []byte) error {
	switch t {
	case wire.TypeHello:
		return s.hello(payload)
	case wire.TypeRequest:
		s.request(payload)
		return nil
	case wire.TypeBlobChunk, wire.TypeBlobMissing:
		d, rest, err := wire.CutDigest(payload)
		if err != nil {
			return err
		}
		if t == wire.TypeBlobChunk {
			s.blobs.Chunk(d, rest)
		} else {
			s.blobs.Missing(d, string(rest))
		}
		return nil
	case wire.TypeCancel, wire.TypePing, wire.TypeFactsWanted:
		var ref wire.Ref
		if err := wire.Decode(payload, &ref); err != nil {
			return err
		}
		s.refer(l, t, ref.ID)
		return nil
	}
	return &wire.ProtocolError{Text: "a message that only runners send"}
}

func (s *server) refer(l *link, t wire.Type, id uint64) {
	switch t {
	case wire.TypeCancel:
		s.jobs.cancel(id)
	case wire.TypePing:
		go func() { _ = l.w.Send(wire.TypePong, wire.Encode(&wire.Ref{ID: id})) }()
	case wire.TypeFactsWanted:
		go s.facts(l, id)
	}
}

func (s *server) hello(payload []byte) error {
	var h wire.Hello
	if err := wire.Decode(payload, &h); err != nil {
		return err
	}
	s.tools.Store(&h.Tools)
	return h.Check()
}

// tool finds a program of the controller's.
func (s *server) tool(name string) (string, func(context.Context) (io.ReadCloser, error), error) {
	var t wire.Tool
	if tools := s.tools.Load(); tools != nil {
		t = (*tools)[name]
	}
	if t == (wire.Tool{}) {
		return "", nil, &fs.PathError{Op: "run", Path: name, Err: fs.ErrNotExist}
	}
	d, err := wire.ParseDigest(t.SHA256)
	return t.SHA256, func(ctx context.Context) (io.ReadCloser, error) { return s.blobs.Open(ctx, d, t.Size) }, err
}

// fetch opens a content of a request.
func (s *server) fetch(ctx context.Context, d wire.Digest, size int64) (io.ReadCloser, error) {
	return s.blobs.Open(ctx, d, size)
}
