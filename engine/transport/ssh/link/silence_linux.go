package link

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// limitSilence is a help only: where it is not possible, the keepalive of the SSH
// connection notices silence by itself.
func limitSilence(c *net.TCPConn, d time.Duration) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
	})
}
