package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/wire"
)

// address is the socket of a session. It is in no directory, so nothing is left
// behind; its name is random, and both ends ask whose the other is.
func address(session string) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: "@gokube-" + session}
}

// listener takes the connections of attach.
type listener struct {
	*net.UnixListener
	accepted chan io.ReadWriteCloser
}

func listen(session string) (*listener, error) {
	u, err := net.ListenUnix("unix", address(session))
	if err != nil {
		return nil, fmt.Errorf("listen for a reconnect: %w", err)
	}
	l := &listener{u, make(chan io.ReadWriteCloser)}
	go func() {
		for {
			c, err := u.AcceptUnix()
			if err != nil {
				return
			}
			if !trusted(c) {
				_ = c.Close()
				continue
			}
			l.accepted <- c
		}
	}()
	return l, nil
}

// trusted reports whether the other end is this user's or root's.
func trusted(c *net.UnixConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = raw.Control(func(fd uintptr) {
		peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		ok = err == nil && (peer.Uid == 0 || int(peer.Uid) == os.Getuid())
	})
	return ok && err == nil
}

// attach joins the streams with a session's runner.
func attach(ctx context.Context, args []string, s Streams) error {
	if len(args) != 1 {
		return &exit{wire.ExitUsage, errors.New("attach: the name of a session is wanted")}
	}
	c, err := net.DialUnix("unix", nil, address(args[0]))
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
		_ = c.CloseWrite()
	}()
	_, err = io.Copy(s.Out, c)
	return err
}
