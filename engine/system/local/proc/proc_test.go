package proc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system/local/proc"
)

func text(t testing.TB, p string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", p))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOSRelease(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"debian": "debian debian 12 bookworm", "ubuntu": "ubuntu debian 24.04 noble", "rocky": "rocky redhat 9.4", "fedora-coreos": "fedora redhat 40 coreos",
		"opensuse-leap": "opensuse-leap suse 15.6", "arch": "arch arch", "flatcar": "flatcar flatcar 3975.2.2", "alpine": "alpine alpine 3.20.3",
	} {
		r := proc.OSRelease(text(t, "os-release/"+file+".txt"))
		got := strings.Join(strings.Fields(strings.Join([]string{r["ID"], proc.Family(r), r["VERSION_ID"], r["VERSION_CODENAME"], r["VARIANT_ID"]}, " ")), " ")
		same(t, file, got, want)
	}
	same(t, "hostile", proc.OSRelease(text(t, "os-release/hostile.txt")), map[string]string{
		"NAME": `{{ env "HOME" }} $x \ \q`, "ID": `single "quoted" \n`, "VERSION_ID": " spaced", "VERSION_CODENAME": `"`,
	})
	same(t, "unknown family", proc.Family(map[string]string{"ID": "void"}), "void")
}

func TestMounts(t *testing.T) {
	t.Parallel()
	same(t, "mountinfo", proc.Mounts(text(t, "mountinfo/debian.txt")), []proc.Mount{
		{Point: "/sys", Source: "sysfs", FSType: "sysfs", Options: "rw,nosuid,nodev,noexec,relatime,rw"},
		{Point: "/", Source: "/dev/vda1", FSType: "ext4", Options: "rw,relatime,rw,discard,errors=remount-ro"},
		{Point: "/data/with blank\tand\\slash", Source: "10.0.0.1:/srv/a b", FSType: "nfs4", Options: "rw,relatime,rw,vers=4.2"},
		{Point: "/usr", Source: "/dev/vda2", FSType: "ext4", Options: "ro,relatime,ro"},
	})
	same(t, "swaps", proc.Swaps("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/vda2  partition\t1048572\t\t0\t\t-2\n/swap\\040file file 8 0 -3\n/bad file x\n"),
		map[string]int64{"/dev/vda2": 1048572, "/swap file": 8})
}

func TestHardware(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"amd64": "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "arm64": "implementer 0x41 part 0xd0c", "raspberry": "Raspberry Pi 4 Model B Rev 1.4",
	} {
		same(t, file, proc.CPUModel(text(t, "cpuinfo/"+file+".txt")), want)
	}
	same(t, "hypervisor", proc.Virtualized(text(t, "cpuinfo/amd64.txt")), true)
	same(t, "no hypervisor", proc.Virtualized(text(t, "cpuinfo/arm64.txt")), false)
	for list, want := range map[string]int{"0-3,8\n": 5, "0": 1, "": 0, "3-1": 0, "x": 0, "0-99999": 0} {
		same(t, list, proc.Count(list), want)
	}
	total, swap := proc.Memory("MemTotal:       16303412 kB\nMemFree: 1 kB\nSwapTotal:  2097148 kB\n")
	same(t, "memory", []int64{total, swap}, []int64{15921, 2047})
	total, _ = proc.Memory("MemTotal: -5 kB\n")
	same(t, "hostile memory", total, int64(0))
}

func TestNames(t *testing.T) {
	t.Parallel()
	same(t, "hostname", proc.Hostname("# set by hand\n\n web1 \n"), "web1")
	hosts := "127.0.0.1 localhost\n127.0.1.1\tweb1.example.org web1 # own\n::1 ip6-localhost\n10.0.0.1\n"
	for host, want := range map[string]string{"web1": "web1.example.org", "localhost": "localhost", "db.example.org": "db.example.org", "": ""} {
		same(t, host, proc.FQDN(hosts, host), want)
	}
	same(t, "resolv.conf", proc.Nameservers("# x\nsearch a\nnameserver 10.0.0.2\nnameserver\nnameserver fe80::1%eth0 x\n"), []string{"10.0.0.2", "fe80::1%eth0"})
	same(t, "modules.builtin", proc.BuiltIn("kernel/fs/overlayfs/overlay.ko\nkernel/net/br-netfilter.ko.xz\n"), map[string]bool{"overlay": true, "br_netfilter": true})
}

func TestPackages(t *testing.T) {
	t.Parallel()
	same(t, "dpkg", proc.Dpkg([]byte(text(t, "dpkg/status.txt"))), map[string]string{
		"libc6": "2.36-9+deb12u8", "libc6:amd64": "2.36-9+deb12u8", "libc6:i386": "2.36-9+deb12u7", "held": "1:2.0~rc1-1", "held:all": "1:2.0~rc1-1", "last": "1", "last:all": "1",
	})
	same(t, "apk", proc.Apk([]byte(text(t, "apk/installed.txt"))), map[string]string{"alpine-baselayout": "3.6.5-r0", "musl": "1.2.5-r0"})
	same(t, "rpm", proc.Rpm([]byte("bash 5.1.8-9.el9 x86_64\nvim 2:8.2-1.el9 x86_64\nkernel 5-1 x86_64\nkernel 5-2 x86_64\nerror: it is locked\n")), map[string]string{
		"bash": "5.1.8-9.el9", "bash.x86_64": "5.1.8-9.el9", "vim": "2:8.2-1.el9", "vim.x86_64": "2:8.2-1.el9", "kernel": "5-2", "kernel.x86_64": "5-2",
	})
	name, version, ok := proc.Pacman("gcc-libs-14.2.1+r134-1")
	same(t, "pacman", []any{name, version, ok}, []any{"gcc-libs", "14.2.1+r134-1", true})
	_, _, ok = proc.Pacman("ALPM_DB_VERSION")
	same(t, "pacman's own file", ok, false)
}

// FuzzParsers gives any text to every parser: none stops, and what came from text
// that is hostile is no more than its parts.
func FuzzParsers(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.txt")
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("nameserver x\n0-9,7\n/swap\\0 file 8\n\\777 a:b:c")
	f.Fuzz(func(t *testing.T, s string) {
		r := proc.OSRelease(s)
		_ = proc.Family(r)
		for _, v := range r {
			if len(v) > len(s) {
				t.Errorf("%q is longer than its text", v)
			}
		}
		for _, m := range proc.Mounts(s) {
			if len(m.Point) > len(s) {
				t.Errorf("%q is longer than its text", m.Point)
			}
		}
		_, _, _ = proc.Swaps(s), proc.CPUModel(s), proc.Virtualized(s)
		_, _ = proc.Memory(s)
		_, _, _, _ = proc.Hostname(s), proc.FQDN(s, "x"), proc.Nameservers(s), proc.BuiltIn(s)
		_, _, _ = proc.Dpkg([]byte(s)), proc.Apk([]byte(s)), proc.Rpm([]byte(s))
		if n, v, ok := proc.Pacman(s); ok && n+"-"+v != s {
			t.Errorf("%q came apart as %q and %q", s, n, v)
		}
		if proc.Count(s) < 0 {
			t.Error("fewer than none")
		}
	})
}
