package state

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/bits"
	"net"
	"net/netip"
	"os"
	"strings"
)

// Taken lists the prefixes that a new lab must keep clear of: this machine's
// addresses and routes, and the subnets of the labs already known.
func (s Store) Taken() ([]netip.Prefix, error) {
	var taken []netip.Prefix
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			taken = append(taken, p.Masked())
		}
	}
	if f, err := os.Open("/proc/net/route"); err == nil {
		defer f.Close()
		taken = append(taken, parseRoutes(f)...)
	}
	labs, err := s.Labs()
	for _, l := range labs {
		if p, err := netip.ParsePrefix(l.Subnet); err == nil {
			taken = append(taken, p)
		}
	}
	return taken, err
}

// parseRoutes reads the kernel's table of IPv4 routes; what it does not understand it skips.
func parseRoutes(r io.Reader) []netip.Prefix {
	var routes []netip.Prefix
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 8 {
			continue
		}
		dest, err1 := hex.DecodeString(f[1])
		mask, err2 := hex.DecodeString(f[7])
		if err1 != nil || err2 != nil || len(dest) != 4 || len(mask) != 4 {
			continue
		}
		addr := netip.AddrFrom4([4]byte{dest[3], dest[2], dest[1], dest[0]})
		routes = append(routes, netip.PrefixFrom(addr, bits.OnesCount32(binary.BigEndian.Uint32(mask))))
	}
	return routes
}
