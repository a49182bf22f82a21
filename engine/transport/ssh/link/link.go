// Package link is the byte stream below an SSH connection: TCP, or a channel
// through a jump host. It knows when the peer was last heard of, and nothing of
// what is said.
package link

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Link is a connection that remembers when it last received something.
type Link struct {
	net.Conn
	opened time.Time
	heard  atomic.Int64 // since opened
	broken atomic.Bool
}

// Wrap makes c a Link, which closes it.
func Wrap(c net.Conn) *Link { return &Link{Conn: c, opened: time.Now()} }

// Dial connects over TCP. silence bounds how long the system waits for an
// acknowledgement of what was sent, where it can.
func Dial(ctx context.Context, address string, silence time.Duration) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if t, ok := c.(*net.TCPConn); ok && silence > 0 {
		limitSilence(t, silence)
	}
	return c, nil
}

// Read notes the time.
func (l *Link) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.heard.Store(int64(time.Since(l.opened)))
	}
	if err != nil {
		l.broken.Store(true)
	}
	return n, err
}

// Silent is for how long nothing was received.
func (l *Link) Silent() time.Duration {
	return time.Since(l.opened) - time.Duration(l.heard.Load())
}

// Broken tells whether nothing will be received any more.
func (l *Link) Broken() bool { return l.broken.Load() }
