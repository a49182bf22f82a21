package crypto

import (
	"net/netip"
	"strings"
	"testing"
)

func FuzzAlternatives(f *testing.F) {
	f.Add("DNS:a.b")
	f.Add("IP Address: ::1")
	f.Add("email:")
	f.Fuzz(func(t *testing.T, name string) {
		got, err := alternatives([]string{name})
		if err != nil {
			return
		}
		for _, ip := range got["ips"] {
			if _, err := netip.ParseAddr(ip); err != nil {
				t.Error(err)
			}
		}
		n := 0
		for _, list := range got {
			n += len(list)
		}
		if n != 1 || !strings.Contains(name, ":") {
			t.Errorf("%q became %v", name, got)
		}
	})
}

func FuzzConstrain(f *testing.F) {
	f.Add("CA:TRUE", "pathlen: 0")
	f.Fuzz(func(t *testing.T, a, b string) {
		c, err := constrain([]string{a, b})
		if err == nil && c.PathLength != nil && (!c.IsCA || *c.PathLength < 0) {
			t.Errorf("%q, %q became %+v", a, b, c)
		}
	})
}
