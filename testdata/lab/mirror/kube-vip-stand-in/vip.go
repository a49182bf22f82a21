package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// vip is the address, and the interface that may have it.
type vip struct {
	address netip.Addr
	on      netlink.Link
	as      *netlink.Addr
}

func find(s *settings) (*vip, error) {
	link, err := netlink.LinkByName(s.link)
	if err != nil {
		return nil, fmt.Errorf("vip_interface %s: %w", s.link, err)
	}
	as, err := netlink.ParseAddr(s.prefix.String())
	if err != nil {
		return nil, err
	}
	return &vip{s.prefix.Addr(), link, as}, nil
}

func (v *vip) take() error { return netlink.AddrReplace(v.on, v.as) }

func (v *vip) drop() error {
	err := netlink.AddrDel(v.on, v.as)
	if errors.Is(err, unix.EADDRNOTAVAIL) {
		return nil
	}
	return err
}

// announce tells all in the network that the address is here: an ARP request for it,
// from it.
func (v *vip) announce() error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("announce %s: %w", v.address, err)
	}
	defer unix.Close(fd)
	mac, ip := v.on.Attrs().HardwareAddr, v.address.As4()
	to := &unix.SockaddrLinklayer{Ifindex: v.on.Attrs().Index, Halen: 6, Protocol: 0x0608} // 0x0806 in network order
	copy(to.Addr[:], net.HardwareAddr{255, 255, 255, 255, 255, 255})
	if err := unix.Sendto(fd, gratuitous(mac, ip), 0, to); err != nil {
		return fmt.Errorf("announce %s: %w", v.address, err)
	}
	return nil
}

// gratuitous is an ARP request for ip by the one who has it (RFC 5227).
func gratuitous(mac net.HardwareAddr, ip [4]byte) []byte {
	p := binary.BigEndian.AppendUint16(nil, 1)             // Ethernet
	p = binary.BigEndian.AppendUint16(p, 0x0800)           // IPv4
	p = append(p, 6, 4)                                    // lengths
	p = binary.BigEndian.AppendUint16(p, 1)                // request
	p = append(append(p, mac...), ip[:]...)                // from
	return append(append(p, make([]byte, 6)...), ip[:]...) // for
}
