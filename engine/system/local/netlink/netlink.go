// Package netlink asks the kernel for this machine's interfaces, addresses and
// default routes. It knows nothing else of the machine, and changes nothing.
//
// # Decisions
//
// It speaks netlink itself: package net would make the runner far larger.
package netlink

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/ip"
)

// Network is what the kernel says; what it does not say is left out. Interfaces are
// in the order of their names.
func Network() system.Network {
	n := system.Network{Interfaces: []system.Interface{}}
	links, _ := ask(syscall.RTM_GETLINK)
	addrs, _ := ask(syscall.RTM_GETADDR)
	routes, _ := ask(syscall.RTM_GETROUTE)
	at, named := map[uint32]*system.Interface{}, map[string]*system.Interface{}
	for _, m := range links {
		if index, in, ok := link(m); ok {
			at[index], named[in.Name] = &in, &in
		}
	}
	for _, m := range addrs {
		if index, p, ok := address(m); ok && at[index] != nil {
			if in := at[index]; p.Addr.Is4() {
				in.IPv4 = append(in.IPv4, p.String())
			} else {
				in.IPv6 = append(in.IPv6, p.String())
			}
		}
	}
	n.DefaultIPv4 = best(routes, at, syscall.AF_INET)
	n.DefaultIPv6 = best(routes, at, syscall.AF_INET6)
	for _, name := range slices.Sorted(maps.Keys(named)) {
		n.Interfaces = append(n.Interfaces, *named[name])
	}
	return n
}

func ask(kind int) ([]syscall.NetlinkMessage, error) {
	data, err := syscall.NetlinkRIB(kind, syscall.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	return syscall.ParseNetlinkMessage(data)
}

// attrs are a message's attributes, those of size bytes of fixed data after it.
func attrs(m syscall.NetlinkMessage, size int) map[uint16][]byte {
	out := map[uint16][]byte{}
	if len(m.Data) < size {
		return out
	}
	for b := m.Data[size:]; len(b) >= 4; {
		n := int(binary.NativeEndian.Uint16(b))
		if n < 4 || n > len(b) {
			break
		}
		out[binary.NativeEndian.Uint16(b[2:])&0x3fff] = b[4:n]
		b = b[min((n+3)&^3, len(b)):]
	}
	return out
}

func u32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}

func link(m syscall.NetlinkMessage) (index uint32, in system.Interface, ok bool) {
	if m.Header.Type != syscall.RTM_NEWLINK || len(m.Data) < syscall.SizeofIfInfomsg {
		return 0, in, false
	}
	a := attrs(m, syscall.SizeofIfInfomsg)
	in.IPv4, in.IPv6 = []string{}, []string{}
	in.Name = strings.TrimRight(string(a[syscall.IFLA_IFNAME]), "\x00")
	in.MTU, in.Up = int(u32(a[syscall.IFLA_MTU])), u32(m.Data[8:])&syscall.IFF_UP != 0
	for i, b := range a[syscall.IFLA_ADDRESS] {
		in.MAC += fmt.Sprintf("%s%02x", strings.Repeat(":", min(i, 1)), b)
	}
	return u32(m.Data[4:]), in, in.Name != ""
}

func address(m syscall.NetlinkMessage) (index uint32, p ip.Prefix, ok bool) {
	if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
		return 0, p, false
	}
	a := attrs(m, syscall.SizeofIfAddrmsg)
	own := a[syscall.IFA_LOCAL]
	if own == nil {
		own = a[syscall.IFA_ADDRESS]
	}
	p = ip.Prefix{Addr: ip.From(own), Bits: int(m.Data[1])}
	return u32(m.Data[4:]), p, p.Addr != ""
}

// route is a default route.
type route struct {
	metric, index uint32
	source, via   ip.Addr
}

// best is the address of the default route with the smallest metric.
func best(messages []syscall.NetlinkMessage, at map[uint32]*system.Interface, family byte) (out system.Address) {
	var all []route
	for _, m := range messages {
		if r, ok := defaultRoute(m, family); ok && at[r.index] != nil {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return out
	}
	r := slices.MinFunc(all, func(a, b route) int { return cmp.Compare(a.metric, b.metric) })
	in := at[r.index]
	out.Interface = in.Name
	out.Gateway = r.via.String()
	list := in.IPv4
	if family == syscall.AF_INET6 {
		list = in.IPv6
	}
	if p := r.from(list); p.Addr != "" {
		out.Address, out.Prefix = p.Addr.String(), p.Bits
	}
	return out
}

// from is the address of a list that the route's packets carry: the one it names,
// else the first that is not for the link only, else the first.
func (r route) from(list []string) (found ip.Prefix) {
	for _, s := range list {
		p, err := ip.ParsePrefix(s)
		switch {
		case err != nil:
		case r.source != "" && p.Addr == r.source:
			return p
		case found.Addr == "" || found.Addr.IsLinkLocal() && !p.Addr.IsLinkLocal():
			found = p
		}
	}
	return found
}

func defaultRoute(m syscall.NetlinkMessage, family byte) (r route, ok bool) {
	const mainTable = 254
	if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg || m.Data[0] != family || m.Data[1] != 0 || m.Data[7] != syscall.RTN_UNICAST {
		return r, false
	}
	a := attrs(m, syscall.SizeofRtMsg)
	if table := u32(a[syscall.RTA_TABLE]); table != mainTable && (table != 0 || m.Data[4] != mainTable) {
		return r, false
	}
	r.metric, r.index = u32(a[syscall.RTA_PRIORITY]), u32(a[syscall.RTA_OIF])
	r.source = ip.From(a[syscall.RTA_PREFSRC])
	r.via = ip.From(a[syscall.RTA_GATEWAY])
	return r, true
}
