// Package blob holds the large contents that a controller sends to a host, by
// digest, for as long as the runner lives. It knows neither tasks nor frames.
//
// # Decisions
//
// Small contents stay in memory, so that a check touches no disk; large ones go to
// files that are unlinked as soon as they are made, so that nothing is left behind
// however the runner ends. A content is used only when all of it has arrived and
// its digest is right.
package blob

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/gokube/gokube/engine/wire"
)

const (
	inMemory = 1 << 20   // the largest content that is kept in memory
	maxKept  = 256 << 20 // what may be kept in all when nobody reads it
)

// Store is the contents of one runner. It is safe for concurrent use.
type Store struct {
	ask  func(wire.Digest) // asks the controller
	dirs []string          // for files, in order of preference

	mu   sync.Mutex
	all  map[wire.Digest]*entry
	used []*entry // in the order of their last use
	kept int64
}

type entry struct {
	digest wire.Digest
	size   int64
	done   chan struct{} // closed when it is complete or has failed
	err    error
	sum    hash.Hash
	got    int64
	data   []byte
	file   *os.File
	reads  int
}

// New returns an empty Store that asks for contents by ask, and makes files in the
// first of dirs in which it can.
func New(ask func(wire.Digest), dirs ...string) *Store {
	return &Store{ask: ask, dirs: dirs, all: map[wire.Digest]*entry{}}
}

// Open waits until the content with digest d is there. The caller closes it.
func (s *Store) Open(ctx context.Context, d wire.Digest, size int64) (io.ReadCloser, error) {
	s.mu.Lock()
	e := s.all[d]
	first := e == nil
	if first {
		e = &entry{digest: d, size: size, done: make(chan struct{}), sum: sha256.New()}
		s.all[d] = e
	}
	e.reads++
	s.mu.Unlock()
	if first {
		s.ask(d)
	}
	var err error
	select {
	case <-e.done:
		err = e.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		s.release(e)
		return nil, err
	}
	return &reader{SectionReader: io.NewSectionReader(e, 0, e.got), close: sync.OnceFunc(func() { s.release(e) })}, nil
}

type reader struct {
	*io.SectionReader
	close func()
}

// Close lets the content be dropped when there is need of space.
func (r *reader) Close() error {
	r.close()
	return nil
}

// ReadAt reads from memory or the file.
func (e *entry) ReadAt(p []byte, off int64) (int, error) {
	if e.file != nil {
		return e.file.ReadAt(p, off)
	}
	if off >= int64(len(e.data)) {
		return 0, io.EOF
	}
	n := copy(p, e.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// release ends one use of e and drops what is too much.
func (s *Store) release(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.reads--
	for i, x := range s.used {
		if x == e {
			s.used = append(append(s.used[:i:i], s.used[i+1:]...), e)
			break
		}
	}
	for i := 0; i < len(s.used) && s.kept > maxKept; {
		if x := s.used[i]; x.reads == 0 {
			s.used = append(s.used[:i:i], s.used[i+1:]...)
			s.drop(x)
			continue
		}
		i++
	}
}

func (s *Store) drop(e *entry) {
	if s.all[e.digest] == e {
		delete(s.all, e.digest)
	}
	s.kept -= e.got
	if e.file != nil {
		_ = e.file.Close() // it is unlinked, and read by nobody
	}
	e.data = nil
}

// Chunk takes the next part of the content with digest d; an empty one is its end.
// What nobody waits for is dropped.
func (s *Store) Chunk(d wire.Digest, data []byte) {
	s.mu.Lock()
	e := s.all[d]
	s.mu.Unlock()
	if e == nil || e.complete() {
		return
	}
	if len(data) == 0 {
		s.end(e, e.verify())
		return
	}
	if err := s.write(e, data); err != nil {
		s.end(e, fmt.Errorf("receive content: %w", err))
	}
}

func (e *entry) complete() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

func (e *entry) verify() error {
	if got := wire.Digest(e.sum.Sum(nil)); got != e.digest || e.got != e.size {
		return fmt.Errorf("receive content: it changed while it was sent (%d of %d bytes, digest %.12s instead of %.12s)", e.got, e.size, got, e.digest)
	}
	return nil
}

func (s *Store) write(e *entry, data []byte) error {
	if e.got += int64(len(data)); e.got > e.size {
		return fmt.Errorf("more than its %d bytes were sent", e.size)
	}
	e.sum.Write(data)
	if e.size <= inMemory {
		e.data = append(e.data, data...)
		return nil
	}
	if e.file == nil {
		f, err := s.create()
		if err != nil {
			return err
		}
		e.file = f
	}
	_, err := e.file.Write(data)
	return err
}

// create makes a file without a name.
func (s *Store) create() (*os.File, error) {
	var first error
	for _, dir := range s.dirs {
		f, err := os.CreateTemp(dir, ".gokube-*")
		if err == nil {
			return f, os.Remove(f.Name())
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// Missing says that the controller cannot send the content with digest d.
func (s *Store) Missing(d wire.Digest, why string) {
	s.mu.Lock()
	e := s.all[d]
	s.mu.Unlock()
	if e != nil && !e.complete() {
		s.end(e, fmt.Errorf("receive content: %s", why))
	}
}

// end completes e. A failed one is forgotten, so that the next use asks again.
func (s *Store) end(e *entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.complete() {
		return
	}
	e.err = err
	if s.kept += e.got; err != nil {
		s.drop(e)
	} else {
		s.used = append(s.used, e)
	}
	close(e.done)
}

// Again asks anew for all that is waited for: the connection on which it was
// coming is gone. No Chunk may be under way.
func (s *Store) Again() {
	s.mu.Lock()
	var waiting []*entry
	for _, e := range s.all {
		if !e.complete() {
			waiting = append(waiting, e)
		}
	}
	s.mu.Unlock()
	for _, e := range waiting {
		e.restart()
		s.ask(e.digest)
	}
}

func (e *entry) restart() {
	e.sum.Reset()
	e.got, e.data = 0, nil
	if e.file != nil {
		_ = e.file.Close() // what has come is not needed any more
		e.file = nil
	}
}

// Fail ends all waiting: nobody will send anything any more.
func (s *Store) Fail(why string) {
	s.mu.Lock()
	var waiting []wire.Digest
	for d, e := range s.all {
		if !e.complete() {
			waiting = append(waiting, d)
		}
	}
	s.mu.Unlock()
	for _, d := range waiting {
		s.Missing(d, why)
	}
}
