//go:build linux

package network

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// relay takes a cable's frames off one link, keeps those on their way to the host
// for a while, and puts them on another. It stands in for netem, which many
// kernels are built without; unlike a TCP proxy it delays every protocol and
// leaves addresses as they are.
type relay struct {
	near, far string // the pair of links put between port and bridge
	sockets   []*os.File
}

// maxFrame holds a segment as large as the kernel hands over at once, and its virtio header.
const maxFrame = 65536 + 256

// inFlight is how many frames may be on their way; more are dropped, as a switch would.
const inFlight = 4096

// Delay makes every frame to the host take d longer; zero ends it.
func (c *Cable) Delay(ctx context.Context, d time.Duration) error {
	c.delay = d
	return within(c.b.ns, func() error {
		c.stopRelay(ctx)
		if !c.exists() {
			return nil
		}
		if err := c.startRelay(ctx); err != nil {
			return err
		}
		return c.attach(ctx)
	})
}

// Latency is what Delay set last.
func (c *Cable) Latency() time.Duration { return c.delay }

// startRelay puts a relay into a cable that is to be slow, in the bridge's namespace.
func (c *Cable) startRelay(ctx context.Context) error {
	if c.delay <= 0 {
		return nil
	}
	c.relay = &relay{near: c.port + "n", far: c.port + "f"}
	r := c.relay
	err := ip(ctx, nil,
		"link set "+c.port+" nomaster",
		"link add "+r.near+" type veth peer name "+r.far,
		"link set "+r.near+" "+unaddressed()+"up",
		"link set "+r.far+" "+unaddressed()+"up")
	if err != nil {
		return err
	}
	host, err := r.open(c.port)
	if err != nil {
		return err
	}
	bridge, err := r.open(r.near)
	if err != nil {
		return err
	}
	go pump(host, bridge, 0)
	go pump(bridge, host, c.delay)
	return nil
}

// stopRelay ends the relay, if there is one; its pumps end with their sockets.
func (c *Cable) stopRelay(ctx context.Context) {
	if c.relay == nil {
		return
	}
	c.relay.close()
	_ = ip(ctx, nil, "link del "+c.relay.near)
	c.relay = nil
}

func (r *relay) close() {
	for _, f := range r.sockets {
		f.Close()
	}
}

// open makes a raw socket on one link, in the calling thread's namespace. Frames
// come with a virtio header, which carries checksums and segmentation the kernel
// has put off, so that they are still put off on the other side.
func (r *relay) open(link string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open a raw socket on %s: %w", link, err)
	}
	f := os.NewFile(uintptr(fd), link)
	r.sockets = append(r.sockets, f)
	i, err := net.InterfaceByName(link)
	if err != nil {
		return nil, err
	}
	for _, option := range []int{unix.PACKET_VNET_HDR, unix.PACKET_IGNORE_OUTGOING} {
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, option, 1); err != nil {
			return nil, fmt.Errorf("prepare a raw socket on %s: %w", link, err)
		}
	}
	const everything = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8 // in network order
	return f, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: i.Index})
}

type frame struct {
	due  time.Time
	data []byte
}

// pump carries frames until one of the sockets is closed, each d after it came.
func pump(from io.Reader, to io.Writer, d time.Duration) {
	queue := make(chan frame, inFlight)
	go func() {
		for f := range queue {
			time.Sleep(time.Until(f.due))
			_, _ = to.Write(f.data) // a frame that is not taken is lost, as on a wire
		}
	}()
	defer close(queue)
	buf := make([]byte, maxFrame)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		select {
		case queue <- frame{time.Now().Add(d), append([]byte(nil), buf[:n]...)}:
		default:
		}
	}
}
