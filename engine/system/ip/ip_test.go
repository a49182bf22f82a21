package ip_test

import (
	"net/netip"
	"testing"

	"github.com/gokube/gokube/engine/system/ip"
)

// agree checks that s is read as package netip reads it, but for zones.
func agree(t *testing.T, s string) {
	t.Helper()
	want, bad := netip.ParseAddr(s)
	got, err := ip.Parse(s)
	if (err == nil) != (bad == nil && want.Zone() == "") {
		t.Fatalf("%q: %v, package netip says %v", s, err, bad)
	}
	if err == nil && (got.String() != want.String() || got.Is4() != want.Is4() || got.IsLinkLocal() != want.IsLinkLocalUnicast() || ip.From(want.AsSlice()) != got) {
		t.Fatalf("%q is %v, want %v", s, got, want)
	}
	wantP, bad := netip.ParsePrefix(s)
	gotP, err := ip.ParsePrefix(s)
	if (err == nil) != (bad == nil) {
		t.Fatalf("%q: %v, package netip says %v", s, err, bad)
	}
	if err == nil && (gotP.String() != wantP.String() || gotP.Masked().String() != wantP.Masked().String()) {
		t.Fatalf("%q is %v of %v, want %v", s, gotP, gotP.Masked(), wantP)
	}
}

var seeds = []string{
	"", "192.0.2.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4/24", "1.2.3.4/33", "1.2.3.4/024", "0.0.0.0/0", "10.233.64.5/18", "169.254.1.1", "::", "::1", "1::", "fe80::1", "fe80::1%eth0", "fec0::1",
	"2001:db8::1:0:0:1", "2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::", "1:", ":1", "::ffff:192.0.2.1", "::ffff:169.254.0.1", "1:2:3:4:5:6:1.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "12345::", "2001:DB8::/32",
	"fd00::/64", "::/129", "1:0:0:2:0:0:0:3", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "+1::", "1.2.3.+4", "0x1::", "1_0::",
}

func TestAddressesAreReadAsByPackageNetip(t *testing.T) {
	t.Parallel()
	for _, s := range seeds {
		agree(t, s)
	}
}

func FuzzAddressesAreReadAsByPackageNetip(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(agree)
}

func TestARangeContainsItsAddresses(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		in, addr string
		want     bool
	}{
		{"10.0.0.0/8", "10.1.2.3", true}, {"10.0.0.0/8", "11.1.2.3", false}, {"10.64.0.0/10", "10.127.0.1", true}, {"10.64.0.0/10", "10.128.0.1", false},
		{"0.0.0.0/0", "1.2.3.4", true}, {"0.0.0.0/0", "::1", false}, {"fd00::/8", "fdff::1", true}, {"10.0.0.1/32", "10.0.0.1", true},
	} {
		p, err := ip.ParsePrefix(x.in)
		a, err2 := ip.Parse(x.addr)
		if err != nil || err2 != nil || p.Contains(a) != x.want {
			t.Errorf("%s in %s: %v, %v, %v", x.addr, x.in, p.Contains(a), err, err2)
		}
	}
	if (ip.Prefix{}).Contains("") || ip.From([]byte{1, 2, 3}) != "" || (ip.Prefix{}).String() != "" || ip.Addr("").String() != "" {
		t.Error("there is something in nothing")
	}
}
