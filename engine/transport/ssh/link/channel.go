package link

import (
	"errors"
	"io"
	"net"
	"time"
)

// Channel is a net.Conn over a channel through another connection, without
// deadlines.
type Channel struct {
	channel io.ReadWriteCloser
	read    *io.PipeReader
	to      address
}

// pumpSize is what is read from a channel at a time, for a reader that buffers.
const pumpSize = 4 << 10

// NewChannel makes c a connection to the address to. It reads ahead of its user,
// because closing a channel does not end a read that waits on it.
func NewChannel(c io.ReadWriteCloser, to string) *Channel {
	r, w := io.Pipe()
	go func() {
		_, err := io.CopyBuffer(w, struct{ io.Reader }{c}, make([]byte, pumpSize))
		w.CloseWithError(err)
	}()
	return &Channel{c, r, address(to)}
}

// Read reads what the peer sent.
func (c *Channel) Read(b []byte) (int, error) { return c.read.Read(b) }

// Write sends b to the peer.
func (c *Channel) Write(b []byte) (int, error) { return c.channel.Write(b) }

// Close ends reads at once, and the channel as soon as the connection below lets
// it.
func (c *Channel) Close() error {
	err := c.read.CloseWithError(net.ErrClosed)
	go func() { _ = c.channel.Close() }()
	return err
}

// LocalAddr is a placeholder.
func (c *Channel) LocalAddr() net.Addr { return address("jump") }

// RemoteAddr is the address that the jump host connected to.
func (c *Channel) RemoteAddr() net.Addr { return c.to }

// SetDeadline is not possible.
func (c *Channel) SetDeadline(time.Time) error { return errors.ErrUnsupported }

// SetReadDeadline is not possible.
func (c *Channel) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// SetWriteDeadline is not possible.
func (c *Channel) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }
