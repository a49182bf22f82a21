package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/wire"
)

// address is the socket of a session. It is in no directory, so nothing is left
// behind; its name is random, and both ends ask whose the other is.
func address(session string) unix.Sockaddr { return &unix.SockaddrUnix{Name: "@gokube-" + session} }

// socket makes one whose reads and writes wait without a thread. The system's calls
// are used as they are: package net would make the runner a tenth larger.
func socket(use func(fd int) error) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := use(fd); err != nil {
		_ = unix.Close(fd) // it is of no use
		return nil, err
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}

// listener takes the connections of attach.
type listener struct {
	*os.File
	accepted chan io.ReadWriteCloser
}

func listen(session string) (*listener, error) {
	f, err := socket(func(fd int) error {
		if err := unix.Bind(fd, address(session)); err != nil {
			return err
		}
		return unix.Listen(fd, 4)
	})
	if err != nil {
		return nil, fmt.Errorf("listen for a reconnect: %w", err)
	}
	l := &listener{f, make(chan io.ReadWriteCloser)}
	go l.loop()
	return l, nil
}

func (l *listener) loop() {
	for {
		c, err := l.accept()
		if err != nil {
			return // closed
		}
		if !trusted(c) {
			_ = c.Close() // it is not for them
			continue
		}
		l.accepted <- c
	}
}

func (l *listener) accept() (*os.File, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd uintptr
	var failed unix.Errno
	err = raw.Read(func(at uintptr) bool {
		// Not unix.Accept4, which brings every kind of address along.
		fd, _, failed = unix.Syscall6(unix.SYS_ACCEPT4, at, 0, 0, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0, 0)
		return failed != unix.EAGAIN && failed != unix.ECONNABORTED && failed != unix.EINTR
	})
	if failed != 0 {
		err = errors.Join(err, failed)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(fd, "connection"), nil
}

// trusted reports whether the other end is this user's or root's.
func trusted(c *os.File) (ok bool) {
	return control(c, func(fd int) error {
		peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		ok = err == nil && (peer.Uid == 0 || int(peer.Uid) == os.Getuid())
		return err
	}) == nil && ok
}

func control(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = do(int(fd)) })
	return errors.Join(err, failed)
}

// attach joins the streams with a session's runner.
func attach(ctx context.Context, args []string, s Streams) error {
	if len(args) != 1 {
		return &exit{wire.ExitUsage, errors.New("attach: the name of a session is wanted")}
	}
	c, err := socket(func(fd int) error { return unix.Connect(fd, address(args[0])) })
	if err != nil {
		return &exit{wire.ExitNobody, errors.New("attach: the runner is gone")}
	}
	defer c.Close()
	if !trusted(c) {
		return &exit{wire.ExitNobody, errors.New("attach: the runner is gone, and its socket is another user's")}
	}
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	go func() {
		_, _ = io.Copy(c, s.In) // the runner notices the end
		_ = control(c, func(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) })
	}()
	n, err := io.Copy(s.Out, c)
	if n == 0 && ctx.Err() == nil { // it ended before it took the connection
		return &exit{wire.ExitNobody, errors.New("attach: the runner is gone")}
	}
	return err
}
