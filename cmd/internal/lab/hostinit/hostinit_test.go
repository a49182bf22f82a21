//go:build linux

package hostinit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnlyWhatIsBuiltInIsListed(t *testing.T) {
	t.Parallel()
	got := builtinList(parseOptions(strings.NewReader("# comment\nCONFIG_OVERLAY_FS=y\nCONFIG_IP_VS=m\n# CONFIG_VXLAN is not set\n")))
	if got != "kernel/fs/overlayfs/overlay.ko\n" {
		t.Error(got)
	}
	if !strings.Contains(builtinList(nil), "ip_vs.ko") {
		t.Error("a kernel that says nothing of itself was taken for one that has nothing")
	}
}

func TestControllersThatAreNotMountedAreHidden(t *testing.T) {
	t.Parallel()
	got := withoutUnmounted(strings.NewReader("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t9\t1\nhugetlb\t0\t1\t1\n"))
	if want := "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t9\t1\nhugetlb\t0\t1\t0\n"; got != want {
		t.Errorf("%q", got)
	}
}

func TestPasswordIsSetOnlyWhereThereIsNone(t *testing.T) {
	t.Parallel()
	for shadow, want := range map[string]bool{
		"root:*:1::\ndeploy:!:1:0\n": true,
		"deploy::1:0\n":              true,
		"deploy:$6$x$y:1:0\n":        false,
		"other:!:1:0\n":              false,
		"":                           false,
	} {
		if locked(shadow, "deploy") != want {
			t.Errorf("%q", shadow)
		}
	}
}

func TestSettingsAreCopiedWithTheirModes(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "vm")
	for name, mode := range map[string]os.FileMode{"swappiness": 0o644, "secret": 0o600} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("60\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(from+"/binfmt_misc/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := copySettings(from, to); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(to + "/swappiness"); err != nil || string(data) != "60\n" {
		t.Error(data, err)
	}
	if info, err := os.Stat(to + "/secret"); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if exists(to + "/binfmt_misc/deep") {
		t.Error("another file system was copied")
	}
}

func FuzzLocked(f *testing.F) {
	f.Add("deploy:!:1\n")
	f.Fuzz(func(_ *testing.T, s string) { locked(s, "deploy") })
}
