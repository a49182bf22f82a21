package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Version of the protocol. Peers of different versions do not talk to each other.
const Version = 2

// Limits of the protocol, in bytes.
const (
	Inline     = 32 << 10 // the largest content that is part of its request
	Chunk      = 64 << 10 // the largest part of a content in one frame
	MaxMessage = 64 << 20 // the largest request or result
	maxBanner  = 64 << 10 // what may come before Marker
)

// Type is the kind of message that a frame holds.
type Type byte

// The types of frames. What is said of the sender is what makes sense; the codec
// takes all of them both ways.
const (
	TypeHello       Type = iota + 1 // both, first
	TypeRequest                     // controller
	TypeResult                      // runner
	TypeCancel                      // controller: a Ref
	TypeFactsWanted                 // controller: a Ref
	TypeFacts                       // runner
	TypeBlobWanted                  // runner
	TypeBlobChunk                   // controller
	TypeBlobMissing                 // controller
	TypePing                        // controller: a Ref
	TypePong                        // runner: a Ref
	TypeBye                         // both, last
)

// limit is the largest payload of a type, -1 for none such.
func (t Type) limit() int {
	switch t {
	case TypeRequest, TypeResult:
		return MaxMessage
	case TypeFacts:
		return 16 << 20
	case TypeHello, TypeBlobMissing:
		return 64 << 10
	case TypeBlobChunk:
		return Chunk + digestLen
	case TypeCancel, TypeFactsWanted, TypeBlobWanted, TypePing, TypePong, TypeBye:
		return 64
	}
	return -1
}

// ProtocolError is a peer that does not keep to the protocol.
type ProtocolError struct{ Text string }

// Error is what the peer did.
func (e *ProtocolError) Error() string { return "read frame: " + e.Text }

const header = 5

// Writer writes frames. It is safe for concurrent use; a frame is written by one
// or two calls of Write, and writers of small frames wait for one frame at most.
type Writer struct {
	mu  sync.Mutex
	w   io.Writer
	buf []byte
	err error
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// ErrTooLarge is a message that is larger than its type may be. Nothing of it was
// sent.
var ErrTooLarge = errors.New("message is too large")

// Send writes one frame. It keeps nothing of parts, which are sent one after the
// other. After an error of the stream all calls fail.
func (w *Writer) Send(t Type, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if n > t.limit() {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, n)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.buf = append(binary.BigEndian.AppendUint32(w.buf[:0], uint32(n)), byte(t))
	if n > 2*Chunk {
		w.put(w.buf)
		for _, p := range parts {
			w.put(p)
		}
		return w.err
	}
	for _, p := range parts {
		w.buf = append(w.buf, p...)
	}
	w.put(w.buf)
	if cap(w.buf) > 4<<10 {
		w.buf = nil // a session idles with next to no memory
	}
	return w.err
}

func (w *Writer) put(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// Reader reads frames. It is not safe for concurrent use.
type Reader struct {
	r    *bufio.Reader
	head [header]byte
	buf  []byte
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, 4<<10)} }

// Next reads one frame. The payload is good until the next call. At the end of
// the stream it is io.EOF, in the middle of a frame io.ErrUnexpectedEOF, and a
// *ProtocolError if the peer does not keep to the limits.
func (r *Reader) Next() (Type, []byte, error) {
	if _, err := io.ReadFull(r.r, r.head[:]); err != nil {
		return 0, nil, err
	}
	n, t := int(binary.BigEndian.Uint32(r.head[:])), Type(r.head[4])
	if limit := t.limit(); limit < 0 {
		return 0, nil, &ProtocolError{fmt.Sprintf("unknown type %d", t)}
	} else if n > limit {
		return 0, nil, &ProtocolError{fmt.Sprintf("%d bytes of type %d, at most %d are allowed", n, t, limit)}
	}
	if cap(r.buf) > 2*Chunk || n <= 1<<10 && cap(r.buf) > 4<<10 {
		r.buf = nil
	}
	if err := r.fill(n); err != nil {
		return 0, nil, err
	}
	return t, r.buf, nil
}

// fill reads n bytes into buf, which grows as they arrive.
func (r *Reader) fill(n int) error {
	r.buf = r.buf[:0]
	for len(r.buf) < n {
		at := len(r.buf)
		step := min(n-at, max(at, 2*Chunk))
		if cap(r.buf)-at < step {
			r.buf = append(make([]byte, 0, at+step), r.buf...)
		}
		r.buf = r.buf[:at+step]
		if _, err := io.ReadFull(r.r, r.buf[at:]); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
	return nil
}
