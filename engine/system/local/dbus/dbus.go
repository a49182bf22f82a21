// Package dbus asks questions over a D-Bus socket whose answers are a string or a
// boolean. It knows no other types, no signals and no services.
//
// # Decisions
//
// systemctl takes five to ten milliseconds to say what systemd answers in a
// fraction of one. What is needed for that is little enough to be here; no library
// that also serves, exports and introspects is linked into the runner.
package dbus

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Call is a method call with strings as arguments.
type Call struct {
	Destination             string // "" on a connection without a bus
	Path, Interface, Member string
	Args                    []string
}

// Reply is what a Call came to.
type Reply struct {
	Text string // a string
	Yes  bool   // a boolean
	Err  error  // an *Error if the peer says so
}

// Error is what a peer answers to a call that it refuses.
type Error struct{ Name, Text string }

// Error is the peer's words, else the error's name.
func (e *Error) Error() string {
	if e.Text != "" {
		return e.Text
	}
	return e.Name
}

// Conn is a connection to one peer. Not safe for concurrent use.
type Conn struct {
	rw     io.ReadWriteCloser
	in     *bufio.Reader
	serial uint32
	begin  func() error // before each exchange; may be nil
}

// Dial connects to the Unix socket at path and says who this process is. Neither
// that nor a Do lasts longer than timeout.
func Dial(path string, timeout time.Duration) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	limit := unix.NsecToTimeval(timeout.Nanoseconds())
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit) // holds for a peer that takes no connection
	err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	if err == nil {
		err = unix.SetNonblock(fd, true) // an answer is awaited without a thread
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	begin := func() error { return f.SetDeadline(time.Now().Add(timeout)) }
	if err := begin(); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	c, err := New(f)
	if err != nil {
		return nil, err
	}
	c.begin = begin
	return c, nil
}

// New takes rw for a connection and says who this process is. It closes rw on error.
func New(rw io.ReadWriteCloser) (*Conn, error) {
	c := &Conn{rw: rw, in: bufio.NewReader(rw)}
	uid := hex.EncodeToString([]byte(strconv.Itoa(os.Geteuid())))
	_, err := io.WriteString(rw, "\x00AUTH EXTERNAL "+uid+"\r\n")
	line := ""
	if err == nil {
		line, err = c.line()
	}
	if err == nil && !strings.HasPrefix(line, "OK ") {
		err = fmt.Errorf("authenticate to D-Bus: refused: %q", strings.TrimSpace(line))
	}
	if err == nil {
		_, err = io.WriteString(rw, "BEGIN\r\n")
	}
	if err != nil {
		_ = rw.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) line() (string, error) {
	var line []byte
	for len(line) < 512 {
		b, err := c.in.ReadByte()
		if err != nil {
			return "", err
		}
		if line = append(line, b); b == '\n' {
			return string(line), nil
		}
	}
	return "", errors.New("authenticate to D-Bus: answer has no end")
}

// Close ends the connection.
func (c *Conn) Close() error { return c.rw.Close() }

// Do makes all calls at once and returns their replies in order. After an error
// the connection is of no use.
func (c *Conn) Do(calls ...Call) ([]Reply, error) {
	if c.begin != nil {
		if err := c.begin(); err != nil {
			return nil, err
		}
	}
	first := c.serial + 1
	var out []byte
	for _, call := range calls {
		c.serial++
		out = append(out, encode(call, c.serial)...)
	}
	if _, err := c.rw.Write(out); err != nil {
		return nil, err
	}
	replies := make([]Reply, len(calls))
	for missing := len(calls); missing > 0; {
		serial, r, err := read(c.in)
		if err != nil {
			return nil, err
		}
		if i := serial - first; serial >= first && int(i) < len(calls) {
			replies[i] = r
			missing--
		}
	}
	return replies, nil
}
