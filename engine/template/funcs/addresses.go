package funcs

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"
)

func addresses() []Function {
	return []Function{
		{"isIP", "isIP TEXT", "Tells whether TEXT is an IP address.", func(s string) bool { return ip(s).IsValid() }},
		{"isIPv4", "isIPv4 TEXT", "Tells whether TEXT is an IPv4 address.", func(s string) bool { return ip(s).Is4() }},
		{"isIPv6", "isIPv6 TEXT", "Tells whether TEXT is an IPv6 address.", func(s string) bool { return ip(s).Is6() }},
		{"isCidr", "isCidr TEXT", "Tells whether TEXT is a network such as 10.0.0.0/8.", isCidr},
		{"ipWrap", "ipWrap TEXT", "Puts an IPv6 address into brackets, as URLs want it, and leaves everything else.", ipWrap},
		{"ipAdd", "ipAdd COUNT ADDRESS", "Is the address COUNT after ADDRESS.", ipAdd},
		{"cidrHost", "cidrHost COUNT CIDR", "Is the address number COUNT of a network; -1 is the last one.", cidrHost},
		{"cidrNetwork", "cidrNetwork CIDR", "Is the first address of a network.", cidrNetwork},
		{"cidrBroadcast", "cidrBroadcast CIDR", "Is the last address of a network.", cidrBroadcast},
		{"cidrNetmask", "cidrNetmask CIDR", "Is the netmask of a network as an address.", cidrNetmask},
		{"cidrPrefix", "cidrPrefix CIDR", "Is the length of a network's prefix.", cidrPrefix},
		{"cidrAddress", "cidrAddress CIDR", "Is the address before the slash.", cidrAddress},
		{"cidrContains", "cidrContains CIDR ADDRESS", "Tells whether an address or network lies in a network.", cidrContains},
		{"cidrOverlaps", "cidrOverlaps OTHERS CIDRS", "Tells whether a network of one list has addresses of a network of the other; a list may be text with commas.", cidrOverlaps},
		{"cidrSubnet", "cidrSubnet BITS COUNT CIDR", "Is the subnet number COUNT whose prefix is BITS longer.", cidrSubnet},
	}
}

func ip(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return netip.Addr{}
	}
	return a
}

func isCidr(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

func ipWrap(s string) string {
	if ip(s).Is6() {
		return "[" + s + "]"
	}
	return s
}

func ipAdd(count int, s string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", err
	}
	return offset(a, big.NewInt(int64(count)))
}

// offset is the address n after a.
func offset(a netip.Addr, n *big.Int) (string, error) {
	sum := n.Add(n, new(big.Int).SetBytes(a.AsSlice()))
	if sum.Sign() < 0 || sum.BitLen() > a.BitLen() {
		return "", fmt.Errorf("no address that far from %s", a)
	}
	out, _ := netip.AddrFromSlice(sum.FillBytes(make([]byte, a.BitLen()/8)))
	return out.String(), nil
}

// network is s with the bits after the prefix cleared.
func network(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func size(p netip.Prefix) *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
}

func cidrHost(count int, cidr string) (string, error) {
	p, err := network(cidr)
	if err != nil {
		return "", err
	}
	n := big.NewInt(int64(count))
	if count < 0 {
		n.Add(n, size(p))
	}
	if n.Sign() < 0 || n.Cmp(size(p)) >= 0 {
		return "", fmt.Errorf("%s has no address number %d", p, count)
	}
	return offset(p.Addr(), n)
}

func cidrNetwork(cidr string) (string, error) { return cidrHost(0, cidr) }

func cidrBroadcast(cidr string) (string, error) { return cidrHost(-1, cidr) }

func cidrNetmask(cidr string) (string, error) {
	p, err := network(cidr)
	if err != nil {
		return "", err
	}
	all := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()))
	mask := all.Sub(all, size(p))
	out, _ := netip.AddrFromSlice(mask.FillBytes(make([]byte, p.Addr().BitLen()/8)))
	return out.String(), nil
}

func cidrPrefix(cidr string) (int, error) {
	p, err := network(cidr)
	return p.Bits(), err
}

func cidrAddress(cidr string) (string, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return "", err
	}
	return p.Addr().String(), nil
}

func cidrContains(cidr, what string) (bool, error) {
	p, err := network(cidr)
	if err != nil {
		return false, err
	}
	if inner, err := network(what); err == nil {
		return inner.Bits() >= p.Bits() && p.Contains(inner.Addr()), nil
	}
	a, err := netip.ParseAddr(what)
	return p.Contains(a), err
}

func cidrOverlaps(a, b any) (bool, error) {
	as, err := networks(a)
	if err != nil {
		return false, err
	}
	bs, err := networks(b)
	for _, p := range as {
		for _, q := range bs {
			if p.Overlaps(q) {
				return true, err
			}
		}
	}
	return false, err
}

// networks are those of a list, or of a text with commas.
func networks(v any) (out []netip.Prefix, err error) {
	var names []any
	switch v := v.(type) {
	case []any:
		names = v
	case string:
		for s := range strings.SplitSeq(v, ",") {
			names = append(names, s)
		}
	default:
		return nil, fmt.Errorf("networks are wanted, got %v", v)
	}
	for _, n := range names {
		p, err := network(strings.TrimSpace(fmt.Sprint(n)))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func cidrSubnet(bits, count int, cidr string) (string, error) {
	p, err := network(cidr)
	if err != nil {
		return "", err
	}
	long := p.Bits() + bits
	if bits < 0 || long > p.Addr().BitLen() {
		return "", fmt.Errorf("%s has no subnets with a prefix of %d", p, long)
	}
	n := big.NewInt(int64(count))
	if n.Sign() < 0 || n.BitLen() > bits {
		return "", fmt.Errorf("%s has no subnet /%d number %d", p, long, count)
	}
	a, err := offset(p.Addr(), n.Lsh(n, uint(p.Addr().BitLen()-long)))
	return fmt.Sprintf("%s/%d", a, long), err
}
