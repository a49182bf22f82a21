// Package transport moves bytes between the controller and a host: it opens
// connections, starts commands and writes files. It does not know what the bytes
// mean, and nothing of inventories, runners or playbooks.
//
// # Decisions
//
// A command is one line for the host's login shell, because that is what SSH
// carries; whoever makes it quotes it. Errors are kinds, found with errors.As, and
// errors.Is with ErrUnreachable tells whether a host can be worked with at all.
// A login shell may print a banner before a command's own output: whoever reads
// Stdout looks for the start of what it expects, nothing is stripped here.
package transport

import (
	"context"
	"io"
	"io/fs"
)

// Dialer opens connections. It is safe for concurrent use; how many connections
// are opened at the same time is up to the caller.
type Dialer interface {
	// Dial connects and authenticates. It ends with ctx, and by itself after the
	// Target's Timeout and Retries; ctx does not bound the connection it returns.
	// The caller closes the Conn.
	Dial(ctx context.Context, t Target) (Conn, error)
}

// Conn is an authenticated connection to one host. It is safe for concurrent use.
type Conn interface {
	// String says whose connection it is, such as "deploy@10.0.0.1:22".
	String() string

	// Start runs command, quoted by the caller, in the login shell with the home
	// directory as working directory. ctx bounds the start only; the Process ends
	// by itself, by Kill or with the connection. A host that allows no further
	// command on this connection is a *SessionError.
	Start(ctx context.Context, command string) (Process, error)

	// Upload writes size bytes of r to path, absolute or relative to the home
	// directory, with mode, under a temporary name renamed at the end: path is
	// never seen half-written. The directory must exist. It needs a session of its
	// own: on a host that allows one only, upload before starting a Process. What
	// the host refuses is an *UploadError, and path is as it was before.
	Upload(ctx context.Context, r io.Reader, size int64, path string, mode fs.FileMode) error

	// Done is closed when the connection is lost or closed.
	Done() <-chan struct{}

	// Err is why the connection was lost, an *UnreachableError, or ErrClosed after
	// Close; nil until Done is closed.
	Err() error

	// Close ends the connection and all its processes. It may be called again.
	Close() error
}

// Process is a running command on a host. Its methods may be called from several
// goroutines, each stream from one at a time.
type Process interface {
	// Stdin is the command's input. Closing it is the end of file. A write after
	// the process or the connection ended is an error; Wait tells which it was.
	Stdin() io.WriteCloser

	// Stdout ends with io.EOF when the process ends and when the connection is
	// lost; Wait tells which it was. It and Stderr must both be read, or the
	// process may block.
	Stdout() io.Reader

	// Stderr is read like Stdout.
	Stderr() io.Reader

	// Wait blocks until the process has ended: nil for exit status 0, otherwise an
	// *ExitError, or an *UnreachableError when the connection ended before the
	// exit status came. What was printed may still be read afterwards. It may be
	// called again, with the same result.
	Wait() error

	// Kill ends the process without waiting for it. A process that has ended
	// already is no error.
	Kill() error
}
