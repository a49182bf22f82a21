package ssh

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"sync"
	"time"

	"github.com/gokube/gokube/engine/transport"
	"github.com/gokube/gokube/engine/transport/ssh/upload"
)

// Upload writes a file by SFTP, or by a shell command on a host without SFTP.
func (c *conn) Upload(ctx context.Context, r io.Reader, size int64, name string, mode fs.FileMode) error {
	source := newSource(ctx, r, c.dialer.options.UploadStall)
	defer source.end()
	err := c.uploadSFTP(source, size, name, mode)
	if errors.Is(err, upload.ErrNoSFTP) && source.untouched() {
		err = c.uploadShell(source, size, name, mode)
	}
	if err == nil || errors.Is(err, transport.ErrUnreachable) || errors.Is(err, transport.ErrClosed) ||
		errors.Is(err, context.Canceled) || errors.As(err, new(*transport.SessionError)) {
		return err
	}
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		hint = "does the directory " + path.Dir(name) + " exist?"
	}
	return &transport.UploadError{Path: name, Cause: err, Hint: hint}
}

func (c *conn) uploadSFTP(s *source, size int64, name string, mode fs.FileMode) error {
	p, err := c.start(s.ctx, "subsystem", "sftp")
	if errors.As(err, new(errRefused)) {
		return upload.ErrNoSFTP
	}
	if err != nil {
		return err
	}
	go func() { _, _ = io.Copy(io.Discard, p.Stderr()) }()
	_, err = await(s.ctx, c, func() (struct{}, error) {
		return struct{}{}, upload.SFTP(p.Stdout(), p.Stdin(), s, size, name, mode)
	}, func(struct{}) {})
	return c.finish(s, p, err)
}

func (c *conn) uploadShell(s *source, size int64, name string, mode fs.FileMode) error {
	p, err := c.start(s.ctx, "exec", upload.Command(name, size, mode))
	if err != nil {
		return err
	}
	_, err = await(s.ctx, c, func() (struct{}, error) {
		return struct{}{}, feed(p, s, size)
	}, func(struct{}) {})
	return c.finish(s, p, err)
}

// feed sends size bytes and waits for the command's verdict.
func feed(p *process, r io.Reader, size int64) error {
	go func() { _, _ = io.Copy(io.Discard, p.Stdout()) }()
	said := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(p.Stderr(), 64<<10))
		said <- string(text)
	}()
	n, err := io.Copy(p.Stdin(), &io.LimitedReader{R: r, N: size})
	if err == nil && n != size {
		err = upload.Short(n, size)
	}
	// A command that fails stops reading: its own words come before that.
	_ = p.Stdin().Close()
	if verdict := p.Wait(); verdict != nil {
		var exit *transport.ExitError
		if !errors.As(verdict, &exit) {
			return verdict
		}
		return upload.Reason(exit.Code, <-said, errors.Join(verdict, readError(err)))
	}
	return readError(err)
}

// readError is err if it is not the mere consequence of a command that ended.
func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// finish ends the session of an upload, and waits until the host has noticed, or a
// host that allows one session only would refuse the next.
func (c *conn) finish(s *source, p *process, err error) error {
	_ = p.input.Close()
	if err != nil {
		p.hungUp.Store(true)
		_ = p.channel.Close()
	}
	select {
	case <-p.over:
	case <-s.ctx.Done():
	case <-time.After(settle):
	}
	if lost := c.Err(); lost != nil && err != nil {
		return lost
	}
	if errors.Is(err, upload.ErrNoSFTP) {
		return err
	}
	return c.because(err)
}

// source is what is uploaded. It ends with its context, after which the reader is
// not touched any more, and the context ends when nobody reads for a while.
type source struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	stall  time.Duration
	timer  *time.Timer

	mu   sync.Mutex
	r    io.Reader
	used bool
}

// stalled is an upload in which nothing moves.
type stalled time.Duration

func (s stalled) Error() string {
	return "no progress for " + time.Duration(s).String()
}

func newSource(ctx context.Context, r io.Reader, stall time.Duration) *source {
	ctx, cancel := context.WithCancelCause(ctx)
	return &source{
		ctx: ctx, cancel: cancel, stall: stall, r: r,
		timer: time.AfterFunc(stall, func() { cancel(stalled(stall)) }),
	}
}

func (s *source) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	s.used = true
	s.timer.Reset(s.stall)
	return s.r.Read(b)
}

func (s *source) untouched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.used
}

// end waits for a read that is under way.
func (s *source) end() {
	s.timer.Stop()
	s.cancel(context.Canceled)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.r = nil
}
