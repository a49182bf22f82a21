package draft

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func shown(hosts []Host) string {
	var out []string
	for _, h := range hosts {
		out = append(out, h.Name+"="+h.IP.String())
	}
	return strings.Join(out, " ")
}

func TestHostsAreReadFromAddressesNamesAndRanges(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"10.0.0.11":                       "node1=10.0.0.11",
		"10.0.0.11 cp=10.0.0.12":          "node1=10.0.0.11 cp=10.0.0.12",
		"10.0.0.254-10.0.1.1":             "node1=10.0.0.254 node2=10.0.0.255 node3=10.0.1.0 node4=10.0.1.1",
		"10.0.0.9-11 a.example=10.0.0.12": "node1=10.0.0.9 node2=10.0.0.10 node3=10.0.0.11 a.example=10.0.0.12",
		"fd00::1-fd00::2":                 "node1=fd00::1 node2=fd00::2",
		"fd00::1-3":                       "node1=fd00::1 node2=fd00::2 node3=fd00::3",
	} {
		got, err := Hosts(strings.Fields(words), "node")
		if diff := cmp.Diff(want, shown(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", words, err, diff)
		}
	}
}

func TestHostsThatCannotBeAreRefusedWithAWayOut(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"":                        "no hosts, give their addresses",
		"10.0.0":                  `invalid address: "10.0.0", in 10.0.0`,
		"Cp=10.0.0.1":             `invalid host name: "Cp", in Cp=10.0.0.1`,
		"a_b=10.0.0.1":            "invalid host name",
		"=10.0.0.1":               "invalid host name",
		"10.0.0.9-10.0.0.1":       "invalid range of addresses: 10.0.0.9-10.0.0.1",
		"10.0.0.9-fd00::1":        "invalid range",
		"10.0.0.9-300":            "invalid range",
		"a=10.0.0.1-3":            "one name for several hosts: a=10.0.0.1-3",
		"10.0.0.1 10.0.0.1":       "address given twice: 10.0.0.1",
		"a=10.0.0.1 a=10.0.0.2":   `host named twice: "a"`,
		"node2=10.0.0.1 10.0.0.2": `host named twice: "node2"`,
		"10.0.0.0-10.255.255.255": "too many hosts: more than 5000",
	} {
		_, err := Hosts(strings.Fields(words), "node")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s", words, err, want)
		}
	}
}

func cluster3(n, planes, etcd int) Cluster {
	hosts, _ := Hosts([]string{fmt.Sprintf("10.0.0.1-%d", n)}, "n")
	return Cluster{Hosts: hosts, ControlPlanes: planes, Etcd: etcd}
}

func TestGroupsFollowFromTheNumberOfHosts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ n, planes, etcd, wantPlanes, wantEtcd, workers int }{
		{1, 0, 0, 1, 1, 1}, {2, 0, 0, 1, 1, 1}, {3, 0, 0, 3, 3, 3}, {5, 0, 0, 3, 3, 2}, {5, 1, 3, 1, 3, 4}, {9, 5, 0, 5, 5, 4},
	} {
		c := cluster3(x.n, x.planes, x.etcd)
		if err := c.settle(); err != nil || c.ControlPlanes != x.wantPlanes || c.Etcd != x.wantEtcd || len(c.workers()) != x.workers {
			t.Errorf("%+v: %d control planes, %d of etcd, %d workers, %v", x, c.ControlPlanes, c.Etcd, len(c.workers()), err)
		}
	}
	for _, x := range []struct {
		n, planes, etcd int
		want            string
	}{
		{3, 4, 1, "4 control planes of 3 hosts"}, {3, 1, 5, "5 hosts of etcd of 3 hosts"}, {3, -1, 1, "-1 control planes"},
		{4, 2, 0, "even number of hosts of etcd: 2, 2 of them survive no more failures than 1; say --etcd 1"},
	} {
		c := cluster3(x.n, x.planes, x.etcd)
		if err := c.settle(); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

func FuzzHosts(f *testing.F) {
	f.Add("10.0.0.11-19 a=10.0.0.1")
	f.Add("fd00::1-2 =")
	f.Fuzz(func(t *testing.T, words string) {
		hosts, err := Hosts(strings.Fields(words), "node")
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, h := range hosts {
			if !h.IP.IsValid() || seen[h.Name] || !isName(h.Name) {
				t.Errorf("%q: %+v", words, h)
			}
			seen[h.Name] = true
		}
	})
}
