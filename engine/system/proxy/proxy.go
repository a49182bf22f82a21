// Package proxy is a System in another process, reached over a stream of bytes:
// the host as a user that tasks become sees it. It knows neither that user nor
// how the process was started.
//
// # Decisions
//
// Both ends are the same program, so messages have no versions. They are encoded
// by a few lines of reflection: JSON would lose bytes that are no text, which
// paths and command output may hold, and gob would cost the runner too much room.
//
// A content is pulled chunk by chunk by the side that writes it, so it is never
// whole in memory, and a write that fails early ends early. Calls may overlap: the
// content of a write may come from a file that is read over the same connection.
package proxy

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gokube/gokube/engine/system"
)

// System is a System in another process. It is safe for concurrent use, as far as
// that one is.
type System struct {
	p       *peer
	facts   func() *system.Facts
	mu      sync.Mutex
	sources map[uint64]system.Content
	next    uint64
}

var _ system.System = (*System)(nil)

// Dial is the System that Serve answers for at the other end of rw. From now on it
// reads rw, until rw ends; then every call is an error. The caller closes rw.
func Dial(rw io.ReadWriter) *System {
	s := &System{p: newPeer(rw), sources: map[uint64]system.Content{}}
	s.p.answer = s.answer
	s.facts = sync.OnceValue(func() *system.Facts {
		r, err := s.p.call(context.Background(), call{Op: opFacts})
		if err != nil || r.Facts == nil {
			return &system.Facts{}
		}
		return r.Facts
	})
	go func() { _ = s.p.loop() }()
	return s
}

// answer opens the content of a write that is under way.
func (s *System) answer(ctx context.Context, c *call) *reply {
	s.mu.Lock()
	content, ok := s.sources[c.Handle]
	s.mu.Unlock()
	if c.Op != opSource || !ok {
		return &reply{Err: packError(fmt.Errorf("answer %q: it is not understood", c.Op))}
	}
	// The stream outlives this call, and so must its context.
	return s.p.lend(content.Open(context.WithoutCancel(ctx)))
}

// Facts are the other process's, asked for once; they are empty if it has ended.
func (s *System) Facts() *system.Facts { return s.facts() }

// Open reads a file chunk by chunk.
func (s *System) Open(path string) (io.ReadCloser, error) {
	return s.p.borrow(context.Background(), call{Op: opOpen, Path: path})
}

// Digest is computed by the other process.
func (s *System) Digest(path string) (string, error) {
	r, err := s.p.call(context.Background(), call{Op: opDigest, Path: path})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}

// Lstat describes path.
func (s *System) Lstat(path string) (system.Info, error) {
	r, err := s.p.call(context.Background(), call{Op: opLstat, Path: path})
	if err == nil && len(r.Infos) != 1 {
		err = errMalformed
	}
	if err != nil {
		return system.Info{}, err
	}
	return r.Infos[0], nil
}

// ReadDir lists path.
func (s *System) ReadDir(path string) ([]system.Info, error) {
	r, err := s.p.call(context.Background(), call{Op: opReadDir, Path: path})
	if err != nil {
		return nil, err
	}
	return r.Infos, nil
}

// Object asks for k.
func (s *System) Object(ctx context.Context, k system.Key) (system.Object, error) {
	r, err := s.p.call(ctx, call{Op: opObject, Key: k})
	if err != nil {
		return nil, err
	}
	o, err := r.Object.unpack()
	if err == nil && (o == nil || o.Kind() != k.Kind) {
		err = errMalformed
	}
	return o, err
}

// Query runs c there.
func (s *System) Query(ctx context.Context, c system.Cmd) (system.Output, error) {
	return s.command(ctx, opQuery, c, system.Effects{})
}

func output(r *reply, err error) (system.Output, error) {
	if r == nil {
		return system.Output{}, err
	}
	return r.Output, err
}

// WriteFile has the other process write what it pulls from here.
func (s *System) WriteFile(path string, c system.Content, a system.Attrs) error {
	s.mu.Lock()
	s.next++
	handle := s.next
	s.sources[handle] = c
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sources, handle)
	}()
	return s.do(context.Background(), call{Op: opWrite, Path: path, Attrs: a, Handle: handle, Size: c.Size, SHA256: c.SHA256})
}

func (s *System) do(ctx context.Context, c call) error {
	_, err := s.p.call(ctx, c)
	return err
}

// Mkdir makes a directory.
func (s *System) Mkdir(path string, a system.Attrs) error {
	return s.do(context.Background(), call{Op: opMkdir, Path: path, Attrs: a})
}

// Symlink makes a link.
func (s *System) Symlink(target, path string) error {
	return s.do(context.Background(), call{Op: opSymlink, Path: path, Target: target})
}

// SetAttrs changes what is not zero in a.
func (s *System) SetAttrs(path string, a system.Attrs) error {
	return s.do(context.Background(), call{Op: opSetAttrs, Path: path, Attrs: a})
}

// Remove removes path and all below it.
func (s *System) Remove(path string) error {
	return s.do(context.Background(), call{Op: opRemove, Path: path})
}

// Run runs c there.
func (s *System) Run(ctx context.Context, c system.Cmd, e system.Effects) error {
	_, err := s.command(ctx, opRun, c, e)
	return err
}

// Capture runs c there for its output.
func (s *System) Capture(ctx context.Context, c system.Cmd, e system.Effects) (system.Output, error) {
	return s.command(ctx, opCapture, c, e)
}

// command sends c with its input made here.
func (s *System) command(ctx context.Context, op string, c system.Cmd, e system.Effects) (system.Output, error) {
	c, err := c.Fed()
	if err != nil {
		return system.Output{}, err
	}
	return output(s.p.call(ctx, call{Op: op, Cmd: c, Effects: packEffects(e)}))
}
