package ip

import (
	"fmt"
	"strconv"
	"strings"
)

// Prefix is an address in its network, or a range of addresses. The zero Prefix is
// none.
type Prefix struct {
	Addr Addr
	Bits int // how many of its bits are the network's
}

// ParsePrefix reads a prefix, such as 192.0.2.0/24.
func ParsePrefix(s string) (Prefix, error) {
	addr, bits, ok := strings.Cut(s, "/")
	a, err := Parse(addr)
	n, bad := strconv.ParseUint(bits, 10, 8)
	if !ok || err != nil || bad != nil || int(n) > 8*len(a) || len(bits) > 1 && bits[0] == '0' {
		return Prefix{}, fmt.Errorf("read range of addresses: %q is none", s)
	}
	return Prefix{a, int(n)}, nil
}

// String is p as ParsePrefix reads it; "" for none.
func (p Prefix) String() string {
	if p.Addr == "" {
		return ""
	}
	return p.Addr.String() + "/" + strconv.Itoa(p.Bits)
}

// Masked is p with the first address of its range.
func (p Prefix) Masked() Prefix {
	b := []byte(p.Addr)
	for i := range b {
		b[i] &^= 0xff >> min(max(p.Bits-8*i, 0), 8)
	}
	return Prefix{Addr(b), p.Bits}
}

// Contains reports whether a is in p's range; one of the other family never is.
func (p Prefix) Contains(a Addr) bool {
	return len(a) == len(p.Addr) && a != "" && Prefix{a, p.Bits}.Masked() == p.Masked()
}
