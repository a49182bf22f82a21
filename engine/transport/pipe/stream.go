package pipe

import (
	"io"
	"sync"
)

// window is how much may be written ahead of the reader, as on a channel of SSH.
const window = 2 << 20

// stream is one direction of a process: a buffer with an end.
type stream struct {
	mu      sync.Mutex
	change  sync.Cond
	data    []byte
	ended   bool // no more data comes
	stalled bool // nor the news of it
}

func newStream() *stream {
	s := &stream{}
	s.change.L = &s.mu
	return s
}

// Write blocks while the window is full, and loses data once the stream stalls.
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(b) {
		switch room := window - len(s.data); {
		case s.ended:
			return n, io.ErrClosedPipe
		case s.stalled:
			return len(b), nil
		case room == 0:
			s.change.Wait()
		default:
			k := min(room, len(b)-n)
			s.data = append(s.data, b[n:n+k]...)
			n += k
			s.change.Broadcast()
		}
	}
	return n, nil
}

// Read gives what was written before the end, then io.EOF.
func (s *stream) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.data) == 0 {
		if s.ended {
			return 0, io.EOF
		}
		s.change.Wait()
	}
	n := copy(b, s.data)
	s.data = s.data[n:]
	s.change.Broadcast()
	return n, nil
}

func (s *stream) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.change.Broadcast()
}

// stall loses what is written from now on.
func (s *stream) stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = true
	s.change.Broadcast()
}
