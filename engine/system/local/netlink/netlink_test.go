package netlink_test

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/gokube/gokube/engine/system/local/netlink"
)

func TestInterfacesAreThoseOfTheMachine(t *testing.T) {
	t.Parallel()
	want, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	got := netlink.Network()
	var names []string
	for _, in := range got.Interfaces {
		names = append(names, in.Name)
		for _, a := range slices.Concat(in.IPv4, in.IPv6) {
			if _, err := netip.ParsePrefix(a); err != nil {
				t.Errorf("%s: %v", in.Name, err)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("%q are not sorted", names)
	}
	if len(want) > 0 && !slices.Contains(names, "lo") {
		t.Errorf("lo is not among %q", names)
	}
	if d := got.DefaultIPv4; d.Address != "" && !slices.Contains(names, d.Interface) {
		t.Errorf("the default route is by %q", d.Interface)
	}
}
