package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gokube/gokube/engine/system"
)

// maxStreams is the most files and contents that are open for the other side.
const maxStreams = 256

// handle answers what has to do with streams, and has the rest answered.
func (p *peer) handle(ctx context.Context, c *call) *reply {
	switch c.Op {
	case opPull:
		return p.pull(c.Handle)
	case opClose:
		p.mu.Lock()
		s := p.streams[c.Handle]
		delete(p.streams, c.Handle)
		p.mu.Unlock()
		if s != nil {
			return &reply{Err: packError(s.Close())}
		}
		return &reply{}
	}
	return p.answer(ctx, c)
}

// lend keeps s open for the other side and says under which handle.
func (p *peer) lend(s io.ReadCloser, err error) *reply {
	if err != nil {
		return &reply{Err: packError(err)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != nil || len(p.streams) >= maxStreams {
		_ = s.Close()
		return &reply{Err: packError(fmt.Errorf("open: %d files are open already", len(p.streams)))}
	}
	p.last++
	p.streams[p.last] = s
	return &reply{Handle: p.last}
}

func (p *peer) pull(handle uint64) *reply {
	p.mu.Lock()
	s := p.streams[handle]
	p.mu.Unlock()
	if s == nil {
		return &reply{Err: packError(fs.ErrClosed)}
	}
	data := make([]byte, chunk)
	n, err := io.ReadFull(s, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &reply{Data: data[:n], End: true}
	}
	return &reply{Data: data[:n], Err: packError(err)}
}

// borrow opens a stream of the other side's.
func (p *peer) borrow(ctx context.Context, c call) (io.ReadCloser, error) {
	r, err := p.call(ctx, c)
	if err != nil {
		return nil, err
	}
	return &stream{p: p, handle: r.Handle}, nil
}

// stream reads what the other side has open.
type stream struct {
	p      *peer
	handle uint64
	rest   []byte
	err    error
}

func (s *stream) Read(b []byte) (int, error) {
	for len(s.rest) == 0 && s.err == nil {
		r, err := s.p.call(context.Background(), call{Op: opPull, Handle: s.handle})
		if r != nil {
			s.rest = r.Data
		}
		if s.err = err; err == nil && r.End {
			s.err = io.EOF
		}
	}
	n := copy(b, s.rest)
	if s.rest = s.rest[n:]; n > 0 || len(b) == 0 {
		return n, nil
	}
	return 0, s.err
}

func (s *stream) Close() error {
	if errors.Is(s.err, fs.ErrClosed) {
		return fs.ErrClosed
	}
	s.rest, s.err = nil, fs.ErrClosed
	_, err := s.p.call(context.Background(), call{Op: opClose, Handle: s.handle})
	return err
}

// content is what the other side wants written under a handle.
func (p *peer) content(c *call) system.Content {
	return system.Content{SHA256: c.SHA256, Size: c.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return p.borrow(ctx, call{Op: opSource, Handle: c.Handle})
	}}
}
