package session

import (
	"errors"
	"io"

	"github.com/gokube/gokube/engine/wire"
)

// read takes in what comes on l until it ends.
func (s *Session) read(l *link) {
	var err error
	for err == nil {
		var t wire.Type
		var payload []byte
		if t, payload, err = l.r.Next(); err == nil {
			err = s.take(l, t, payload)
		}
	}
	close(l.dead)
	s.ended(l, err)
}

// take handles one frame. It does not wait.
func (s *Session) take(l *link, t wire.Type, payload []byte) error {
	switch t {
	case wire.TypeResult:
		r, err := wire.DecodeResult(payload)
		if err != nil {
			r = &wire.Result{ID: wire.ID(payload), Err: &wire.Error{Kind: wire.Failed, Text: "read result: " + err.Error()}}
		}
		s.answered(r.ID, r)
	case wire.TypeFacts:
		f := &wire.Facts{}
		if err := wire.Decode(payload, f); err != nil {
			return err
		}
		if f.ID == 0 {
			s.facts.put(f.Facts)
			return nil
		}
		s.answered(f.ID, f)
	case wire.TypePong:
		ref := &wire.Ref{}
		if err := wire.Decode(payload, ref); err != nil {
			return err
		}
		s.answered(ref.ID, ref)
	case wire.TypeBlobWanted:
		d, _, err := wire.CutDigest(payload)
		if err != nil {
			return err
		}
		go s.blobs.send(s.ctx, l, d)
	case wire.TypeBye:
		close(l.parted)
		return io.EOF
	default:
		return &wire.ProtocolError{Text: "a message that only controllers send"}
	}
	return nil
}

// ended goes on without l: by another connection if there is one to be had.
func (s *Session) ended(l *link, err error) {
	cause := l.cause(err)
	s.mu.Lock()
	over := s.err != nil || s.link != l
	s.mu.Unlock()
	if over {
		return
	}
	gone := lost(l.conn, cause, l.words.all())
	var broken *wire.ProtocolError
	if s.o.Redial == nil || errors.As(err, &broken) {
		s.fail(gone)
		_ = l.conn.Close() // lost, or of no use
		return
	}
	if err := s.redial(); err != nil {
		gone.Text += "; " + err.Error()
		s.fail(gone)
	}
}

// cause is why nothing more can be read.
func (l *link) cause(err error) error {
	var broken *wire.ProtocolError
	if errors.As(err, &broken) {
		_ = l.proc.Kill() // what it says makes no sense
		return err
	}
	if end := l.proc.Wait(); end != nil {
		return end
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the runner ended")
	}
	return err
}
