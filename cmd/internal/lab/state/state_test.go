//go:build linux

package state

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStateSurvivesSaveAndLoad(t *testing.T) {
	t.Parallel()
	s := Store{t.TempDir()}
	l := &Lab{Name: "one", Dir: "/x", Image: "plain", Layers: []string{"/a"}}
	if err := l.Plan(netip.MustParsePrefix("10.77.3.0/24"), 2); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(l); err != nil {
		t.Fatal(err)
	}
	got, err := s.Load("one")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(l, got); d != "" {
		t.Error(d)
	}
	want := []Host{{"host1", "10.77.3.11", "p1"}, {"host2", "10.77.3.12", "p2"}}
	if d := cmp.Diff(want, got.Hosts); d != "" {
		t.Error(d)
	}
	names, err := s.List()
	if err != nil || !cmp.Equal(names, []string{"one"}) {
		t.Error(names, err)
	}
}

func TestUnknownLabIsNotExist(t *testing.T) {
	t.Parallel()
	if _, err := (Store{t.TempDir()}).Load("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestUnknownHostErrorNamesTheHostsThereAre(t *testing.T) {
	t.Parallel()
	l := &Lab{Name: "one", Hosts: []Host{{Name: "host1"}}}
	if _, err := l.Host("x"); err == nil || !strings.Contains(err.Error(), "host1") {
		t.Error(err)
	}
}

func TestNamesThatCannotBePathsAreRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "..", "a/b", "-a", ".a", "A", "a b", strings.Repeat("a", 32)} {
		if CheckName(bad) == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestSubnetFollowsTheNameAndStepsPastWhatIsTaken(t *testing.T) {
	t.Parallel()
	a, err := ChooseSubnet("lab", nil)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := ChooseSubnet("lab", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("192.168.0.0/16")})
	if a != again {
		t.Errorf("%v is not stable: %v", a, again)
	}
	b, err := ChooseSubnet("lab", []netip.Prefix{a})
	if err != nil || b == a || b.Overlaps(a) {
		t.Error(a, b, err)
	}
	if _, err := ChooseSubnet("lab", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}); err == nil {
		t.Error("found a subnet where none is free")
	}
}

func TestRoutesAreReadFromTheKernelsTable(t *testing.T) {
	t.Parallel()
	const table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\n" +
		"eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\n" +
		"eth1\t00034D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n" + "junk\n"
	want := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.77.3.0/24")}
	if d := cmp.Diff(want, parseRoutes(strings.NewReader(table)), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func FuzzParseRoutes(f *testing.F) {
	f.Add("eth1\t00034D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n")
	f.Fuzz(func(_ *testing.T, s string) { parseRoutes(strings.NewReader(s)) })
}

func TestPlanRefusesTooManyHosts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, MaxHosts + 1} {
		if new(Lab).Plan(netip.MustParsePrefix("10.77.3.0/24"), n) == nil {
			t.Errorf("%d hosts passed", n)
		}
	}
}

func TestUplinkNamesFitTheKernelAndDiffer(t *testing.T) {
	t.Parallel()
	a, b := UplinkName("one"), UplinkName("two")
	if a == b || len(a) > 15 {
		t.Error(a, b)
	}
}

func TestLockIsHeldByOneAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d", "lock")
	l, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Acquire(done, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.Remove()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	l, err = Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
}

func TestSupervisorThatDiedIsNotFound(t *testing.T) {
	t.Parallel()
	s := Store{t.TempDir()}
	if err := s.Save(&Lab{Name: "one"}); err != nil {
		t.Fatal(err)
	}
	me, err := ProcessOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSupervisor("one", me); err != nil {
		t.Fatal(err)
	}
	if p, ok := s.Supervisor("one"); !ok || p != me {
		t.Error(p, ok)
	}
	me.Start++
	if err := s.SaveSupervisor("one", me); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Supervisor("one"); ok {
		t.Error("a process with the same pid was taken for the supervisor")
	}
}

func TestStartTimeIsReadPastHostileNames(t *testing.T) {
	t.Parallel()
	got, err := parseStat([]byte("7 (a) b ()) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"))
	if err != nil || got != 4711 {
		t.Error(got, err)
	}
	if _, err := parseStat([]byte("7 (a) Z 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0")); !errors.Is(err, os.ErrProcessDone) {
		t.Error("a process that has ended passed for one that runs")
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("7 (a) S 1"))
	f.Fuzz(func(_ *testing.T, b []byte) { parseStat(b) })
}

func TestOnlyAddedControllersAreTakenBack(t *testing.T) {
	t.Parallel()
	if d := cmp.Diff([]string{"pids"}, added("cpu memory", "cpu memory pids\n")); d != "" {
		t.Error(d)
	}
	path := filepath.Join(t.TempDir(), "max_user_instances")
	if err := os.WriteFile(path, []byte("8192\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := putBack(path, "128"); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "128" {
		t.Errorf("%q", data)
	}
}
