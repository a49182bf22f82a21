// Package ip reads and writes Internet addresses and ranges of them. It knows no
// network and no zones.
//
// # Decisions
//
// net/netip would be a hundredth of the runner: it is made for tables of millions of
// addresses, and a host has a dozen.
package ip

import (
	"fmt"
	"strconv"
	"strings"
)

// Addr is an address: its 4 or 16 bytes. The zero Addr is none.
type Addr string

// From is the address of 4 or 16 bytes, none if b has another length.
func From(b []byte) Addr {
	if len(b) != 4 && len(b) != 16 {
		return ""
	}
	return Addr(b)
}

// Parse reads an address, such as 192.0.2.1 or 2001:db8::1.
func Parse(s string) (Addr, error) {
	a := parse4(s)
	if strings.Contains(s, ":") {
		a = parse6(s)
	}
	if a == "" {
		return "", fmt.Errorf("read address: %q is none", s)
	}
	return a, nil
}

func parse4(s string) Addr {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return ""
	}
	var b []byte
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(p) > 1 && p[0] == '0' {
			return ""
		}
		b = append(b, byte(n))
	}
	return Addr(b)
}

// parse6 reads what is before :: and what is behind it: between them are as many zeros
// as are missing.
func parse6(s string) Addr {
	before, after, short := strings.Cut(s, "::")
	head, ok := groups(before, !short)
	tail, ok2 := groups(after, true)
	missing := 16 - len(head) - len(tail)
	if !ok || !ok2 || missing < 0 || short != (missing > 0) {
		return ""
	}
	return Addr(head + strings.Repeat("\x00", missing) + tail)
}

// groups are the bytes of groups with colons between them; last says that an IPv4
// address may be the last of them.
func groups(s string, last bool) (b string, ok bool) {
	if s == "" {
		return "", true
	}
	for s != "" {
		group, rest, more := strings.Cut(s, ":")
		if last && !more && strings.Contains(group, ".") {
			a := parse4(group)
			return b + string(a), a != ""
		}
		n, err := strconv.ParseUint(group, 16, 16)
		if err != nil || len(group) > 4 || more && rest == "" {
			return "", false
		}
		b, s = b+string([]byte{byte(n >> 8), byte(n)}), rest
	}
	return b, true
}

// Is4 reports whether a is an IPv4 address.
func (a Addr) Is4() bool { return len(a) == 4 }

// IsLinkLocal reports whether a is for one link only.
func (a Addr) IsLinkLocal() bool {
	if len(a) == 16 && a[:12] == mapped {
		a = a[12:]
	}
	return a.Is4() && a[0] == 169 && a[1] == 254 || len(a) == 16 && a[0] == 0xfe && a[1]&0xc0 == 0x80
}

// mapped is what an IPv4 address begins with that is written as an IPv6 one.
const mapped = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"

// String is a in its shortest form; "" for none.
func (a Addr) String() string {
	switch {
	case a == "":
		return ""
	case a.Is4():
		return fmt.Sprintf("%d.%d.%d.%d", a[0], a[1], a[2], a[3])
	case a[:12] == mapped:
		return "::ffff:" + a[12:].String()
	}
	from, to := a.zeros()
	if from == to {
		return a.hex(0, 8)
	}
	return a.hex(0, from) + "::" + a.hex(to, 8)
}

// hex are the groups of a from one number up to another.
func (a Addr) hex(from, to int) string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, strconv.FormatUint(uint64(a[2*i])<<8|uint64(a[2*i+1]), 16))
	}
	return strings.Join(out, ":")
}

// zeros is the longest row of groups that are zero, if there is one of two or more.
func (a Addr) zeros() (from, to int) {
	for i := 0; i < 8; i++ {
		n := i
		for n < 8 && a[2*n] == 0 && a[2*n+1] == 0 {
			n++
		}
		if n-i > max(to-from, 1) {
			from, to = i, n
		}
	}
	return from, to
}
