package state

import (
	"fmt"
	"hash/fnv"
	"net/netip"
)

// MaxHosts is how many hosts one lab's subnet has room for.
const MaxHosts = 200

// The labs' subnets: 10.77.0.0/24 to 10.92.255.0/24, clear of the ranges that
// Kubernetes installers use by default (10.96/12, 10.233/16, 10.244/16).
const (
	firstOctet = 77
	subnets    = 16 * 256
)

// ChooseSubnet picks the lab's subnet: the one its name leads to, or the next
// that overlaps nothing in taken.
func ChooseSubnet(name string, taken []netip.Prefix) (netip.Prefix, error) {
	start := int(hash(name) % subnets)
	for i := range subnets {
		n := (start + i) % subnets
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(firstOctet + n/256), byte(n % 256), 0}), 24)
		if !overlapsAny(p, taken) {
			return p, nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("choose a subnet for lab %q: 10.77.0.0 to 10.92.255.0 are all in use", name)
}

func overlapsAny(p netip.Prefix, taken []netip.Prefix) bool {
	for _, t := range taken {
		if t.Bits() > 0 && p.Overlaps(t) {
			return true
		}
	}
	return false
}

// UplinkName is the name of the lab's link on this machine; the kernel allows 15 bytes.
func UplinkName(lab string) string { return fmt.Sprintf("gkl%08x", hash(lab)) }

// Plan gives the lab its subnet's addresses: .1 for this machine, .11 onwards for the hosts.
func (l *Lab) Plan(subnet netip.Prefix, hosts int) error {
	if hosts < 1 || hosts > MaxHosts {
		return fmt.Errorf("plan %d hosts: a lab has 1 to %d", hosts, MaxHosts)
	}
	a := subnet.Addr().As4()
	l.Subnet, l.Uplink = subnet.String(), UplinkName(l.Name)
	l.Gateway = at(a, 1)
	l.Hosts = nil
	for i := 1; i <= hosts; i++ {
		l.Hosts = append(l.Hosts, Host{Name: fmt.Sprintf("host%d", i), Address: at(a, 10+i), Port: fmt.Sprintf("p%d", i)})
	}
	return nil
}

func at(a [4]byte, last int) string {
	a[3] = byte(last)
	return netip.AddrFrom4(a).String()
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
