//go:build linux

package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// Bridge is a lab's bridge with its link to this machine. It exists while its
// namespace is open.
type Bridge struct {
	ns, machine *os.File
	uplink      string
	gateway     netip.Prefix
}

// NewBridge makes the bridge and gives this machine the gateway's address on it.
// The calling program runs in the machine's own namespace.
func NewBridge(ctx context.Context, uplink string, gateway netip.Prefix) (*Bridge, error) {
	machine, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, err
	}
	b := &Bridge{machine: machine, uplink: uplink, gateway: gateway}
	if err := isolated(func() error { return b.build(ctx) }); err != nil {
		b.Close()
		return nil, err
	}
	return b, b.connect(ctx)
}

// build runs on a thread of its own, which it leaves in the new namespace.
func (b *Bridge) build(ctx context.Context) (err error) {
	if b.ns, err = NewNamespace(); err != nil {
		return err
	}
	return ip(ctx, b.machine,
		"link set lo up",
		"link add br0 type bridge",
		"link set br0 "+unaddressed()+"up",
		"link add up0 type veth peer name "+b.uplink+" netns @peer",
		"link set up0 "+unaddressed()+"master br0 up")
}

// connect brings up this machine's end. What hosts send there and is meant for
// others is not passed on, whatever this machine does for its other links.
func (b *Bridge) connect(ctx context.Context) error {
	if err := ip(ctx, nil, fmt.Sprintf("addr add %s dev %s", b.gateway, b.uplink), "link set "+b.uplink+" up"); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/net/ipv4/conf/"+b.uplink+"/forwarding", []byte("0"), 0)
}

// Close gives up the namespace; the bridge goes with it once no cable is in use.
func (b *Bridge) Close() {
	_ = RemoveLink(context.Background(), b.uplink)
	if b.ns != nil {
		b.ns.Close()
	}
	b.machine.Close()
}

// Cable leads from the bridge to one host.
type Cable struct {
	b       *Bridge
	port    string
	address netip.Addr
	cut     bool
	delay   time.Duration
	relay   *relay
}

// Cable describes the cable of one port; it is not there until Plug. Its methods
// are called one at a time.
func (b *Bridge) Cable(port string, address netip.Addr) *Cable {
	return &Cable{b: b, port: port, address: address}
}

// Plug lays the cable into the calling thread's namespace, as eth0 with the
// cable's address. A cable that is cut or slow still is.
func (c *Cable) Plug(ctx context.Context) error {
	a := c.address.As4()
	mac := fmt.Sprintf("02:6b:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3])
	err := ip(ctx, c.b.ns,
		"link set lo up",
		fmt.Sprintf("link add eth0 address %s type veth peer name %s netns @peer", mac, c.port),
		fmt.Sprintf("addr add %s dev eth0", netip.PrefixFrom(c.address, c.b.gateway.Bits())),
		"link set eth0 up",
		"route add default via "+c.b.gateway.Addr().String())
	if err != nil {
		return err
	}
	return within(c.b.ns, func() error {
		if err := ip(ctx, nil, "link set "+c.port+" "+unaddressed()+"up"); err != nil {
			return err
		}
		if err := c.startRelay(ctx); err != nil {
			return err
		}
		return c.attach(ctx)
	})
}

// Unplug takes the cable out of both its ends, at once. One that is not plugged in is no error.
func (c *Cable) Unplug(ctx context.Context) error {
	return within(c.b.ns, func() error {
		c.stopRelay(ctx)
		if !c.exists() {
			return nil
		}
		return ip(ctx, nil, "link del "+c.port)
	})
}

// Cut detaches the cable from the bridge with both ends left up: whoever talks
// over it sees silence, not a lost carrier.
func (c *Cable) Cut(ctx context.Context, cut bool) error {
	c.cut = cut
	return within(c.b.ns, func() error {
		if !c.exists() {
			return nil
		}
		return c.attach(ctx)
	})
}

// attach makes the end that belongs to the bridge a port of it, or not. It runs
// in the bridge's namespace.
func (c *Cable) attach(ctx context.Context) error {
	end := c.port
	if c.relay != nil {
		end = c.relay.far
	}
	if c.cut {
		return ip(ctx, nil, "link set "+end+" nomaster")
	}
	return ip(ctx, nil, "link set "+end+" master br0")
}

// exists asks in the bridge's namespace whether the cable is plugged in.
func (c *Cable) exists() bool {
	_, err := net.InterfaceByName(c.port)
	return err == nil
}

// IsCut tells whether the cable is cut.
func (c *Cable) IsCut() bool { return c.cut }
