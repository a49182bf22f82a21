//go:build linux

package cgroup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHybridMachineHasAGroupInEveryHierarchy(t *testing.T) {
	t.Parallel()
	const table = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/x/y,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
42 31 0:38 / /mnt/again rw,relatime - cgroup2 cgroup2 rw
`
	want := []Hierarchy{
		{"/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"},
		{"/sys/fs/cgroup/systemd", "cgroup", "none,name=systemd"},
		{"/sys/fs/cgroup/unified", "cgroup2", ""},
	}
	got := parseMounts(strings.NewReader(table))
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if Pure(got) {
		t.Error("a hybrid machine passed for a v2 one")
	}
}

func TestUnifiedMachineIsPure(t *testing.T) {
	t.Parallel()
	got := parseMounts(strings.NewReader("30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"))
	if !Pure(got) {
		t.Error(got)
	}
	s := Set{got, "gokube-lab-one"}.Child("host1")
	if d := cmp.Diff([]string{"/sys/fs/cgroup/gokube-lab-one/host1"}, s.Dirs()); d != "" {
		t.Error(d)
	}
}

func TestGroupsThatAreGoneNeedNoRemoval(t *testing.T) {
	t.Parallel()
	s := Set{[]Hierarchy{{Mount: t.TempDir(), Type: "cgroup2"}}, "none"}
	if err := s.Kill(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Remove(t.Context()); err != nil {
		t.Error(err)
	}
}

// A group that is frozen keeps its processes, also those that are told to end.
func TestFrozenGroupsAreThawed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	inner := filepath.Join(root, "host1", "kubepods")
	if err := os.MkdirAll(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, state := range map[string]string{"freezer.state": "FROZEN", "cgroup.freeze": "1"} {
		if err := os.WriteFile(filepath.Join(inner, file), []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Set{[]Hierarchy{{Mount: root, Type: "cgroup"}}, "host1"}.thaw()
	for file, want := range map[string]string{"freezer.state": "THAWED", "cgroup.freeze": "0"} {
		if got, err := os.ReadFile(filepath.Join(inner, file)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add("30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n")
	f.Fuzz(func(_ *testing.T, s string) { parseMounts(strings.NewReader(s)) })
}
