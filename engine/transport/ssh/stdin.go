package ssh

import (
	"io"
	"sync"

	"golang.org/x/crypto/ssh"
)

// stdin is the writing half of a channel, which the library does not let anybody
// close while somebody writes.
type stdin struct {
	channel ssh.Channel

	mu      sync.Mutex
	writers int
	closed  bool
}

// Write blocks while the host takes nothing more.
func (s *stdin) Write(b []byte) (int, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return 0, io.ErrClosedPipe
	}
	s.writers++
	s.mu.Unlock()
	n, err := s.channel.Write(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writers--
	if s.closed && s.writers == 0 {
		_ = s.channel.CloseWrite()
	}
	return n, err
}

// Close sends the end of the file, after the writes under way; the command's
// output still comes.
func (s *stdin) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.writers > 0 {
		return nil
	}
	return s.channel.CloseWrite()
}
