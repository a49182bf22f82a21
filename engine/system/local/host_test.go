package local_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local"
)

// host is a machine made of files.
func host(t *testing.T, more map[string]string) (*local.System, string) {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		"/etc/passwd":                                 "root:x:0:0:root:/root:/bin/bash\nkube:x:998:997:Kube {{ env \"HOME\" }}:/var/lib/kube:/bin/sh\nshort:x\n+nis\nkube:x:1:1:::\nodd:x:many:0:::\n",
		"/etc/group":                                  "root:x:0:\nkube:x:997:\nadm:x:4:syslog,kube\ndocker:x:996:kube,,adm\n",
		"/etc/shadow":                                 "root:*:1:\nkube:$y$hash:1:\n",
		"/etc/os-release":                             "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nNAME=\"\x1b[31m{{ x }}\"\n",
		"/etc/hostname":                               "web1\n",
		"/etc/hosts":                                  "127.0.1.1 web1.example.org web1\n",
		"/etc/machine-id":                             "0123\n",
		"/etc/resolv.conf":                            "nameserver 10.0.0.2\n",
		"/etc/timezone":                               "Europe/Berlin\n",
		"/proc/sys/kernel/hostname":                   "web1\n",
		"/proc/sys/kernel/osrelease":                  "6.1.0-25-amd64\n",
		"/proc/sys/kernel/random/boot_id":             "4567\n",
		"/proc/sys/net/ipv4/tcp_rmem":                 "4096\t131072\t6291456\n",
		"/proc/sys/net/ipv4/conf/e.1/x":               "1\n",
		"/proc/meminfo":                               "MemTotal: 2097152 kB\nSwapTotal: 0 kB\n",
		"/proc/cpuinfo":                               "model name : X\n",
		"/proc/uptime":                                "12.34 5.6\n",
		"/proc/modules":                               "br_netfilter 32768 0 - Live 0x0\n",
		"/proc/swaps":                                 "Filename Type Size Used Priority\n/dev/sda2 partition 1048572 0 -2\n",
		"/proc/self/mountinfo":                        "28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n29 28 254:2 / /usr ro - ext4 /dev/vda2 ro\n30 28 0:1 / /data rw - nfs4 srv:/x rw\n31 28 0:1 / /data ro - tmpfs tmpfs rw\n32 28 0:3 / /proc rw - proc proc rw\n",
		"/proc/1/comm":                                "systemd\n",
		"/sys/devices/system/cpu/online":              "0-3\n",
		"/sys/fs/selinux/enforce":                     "0",
		"/sys/fs/cgroup/cgroup.controllers":           "cpu",
		"/sys/class/dmi/id/sys_vendor":                "QEMU\n",
		"/sys/module/overlay/refcnt":                  "0",
		"/lib/modules/6.1.0-25-amd64/modules.builtin": "kernel/fs/ext4/ext4.ko\n",
		"/usr/bin/apt-get":                            "",
		"/var/lib/dpkg/status":                        "Package: curl\nStatus: install ok installed\nVersion: 8-1\nArchitecture: amd64\n",
		"/dev/sda2":                                   "",
	}
	maps.Copy(files, more)
	for p, text := range files {
		put(t, root+p, text)
	}
	return local.New(local.Options{Root: root}), root
}

func link(t *testing.T, target, p string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, p); err != nil {
		t.Fatal(err)
	}
}

func TestObjectsAreReadFromFiles(t *testing.T) {
	t.Parallel()
	s, root := host(t, nil)
	link(t, "../../sda2", root+"/dev/disk/by-uuid/1")
	for _, x := range []struct {
		kind, name string
		want       system.Object
	}{
		{"user", "kube", system.User{UID: 998, Group: "kube", Groups: []string{"adm", "docker"}, Home: "/var/lib/kube", Shell: "/bin/sh", Comment: `Kube {{ env "HOME" }}`, PasswordHash: "$y$hash"}},
		{"user", "short", nil}, {"user", "+nis", nil}, {"user", "", nil}, {"user", "998", nil},
		{"group", "docker", system.Group{GID: 996, Members: []string{"adm", "kube"}}},
		{"group", "kube", system.Group{GID: 997}}, {"group", "x", nil},
		{"package", "curl", system.Package{Version: "8-1"}}, {"package", "curl:amd64", system.Package{Version: "8-1"}}, {"package", "vim", nil},
		{"sysctl", "net.ipv4.tcp_rmem", system.Sysctl{Value: "4096 131072 6291456"}},
		{"sysctl", "net/ipv4/conf/e.1/x", system.Sysctl{Value: "1"}}, {"sysctl", "net.ipv4.conf.e/1.x", system.Sysctl{Value: "1"}},
		{"sysctl", "net.ipv4", nil}, {"sysctl", "../../etc/passwd", nil}, {"sysctl", "..", nil}, {"sysctl", "", nil},
		{"kernel module", "br-netfilter", system.KernelModule{}}, {"kernel module", "overlay", system.KernelModule{BuiltIn: true}},
		{"kernel module", "ext4", system.KernelModule{BuiltIn: true}}, {"kernel module", "..", nil}, {"kernel module", "vxlan", nil},
		{"mount", "/data", system.Mount{Source: "tmpfs", FSType: "tmpfs", Options: "ro,rw"}}, {"mount", "/usr/", system.Mount{Source: "/dev/vda2", FSType: "ext4", Options: "ro,ro"}},
		{"mount", "/dat", nil},
		{"swap", "/dev/sda2", system.Swap{SizeKB: 1048572}}, {"swap", "/dev/disk/by-uuid/1", system.Swap{SizeKB: 1048572}}, {"swap", "", nil},
		{"hostname", "", system.Hostname{Kernel: "web1", Static: "web1"}},
	} {
		got, err := s.Object(t.Context(), system.Key{Kind: x.kind, Name: x.name})
		if x.want == nil {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s %q: got %+v, %v", x.kind, x.name, got, err)
			}
			continue
		}
		if diff := cmp.Diff(x.want, got); diff != "" || err != nil {
			t.Errorf("%s %q: %v\n%s", x.kind, x.name, err, diff)
		}
	}
	for _, k := range []system.Key{{Kind: "user", Name: "odd"}, {Kind: "color", Name: "red"}} {
		if _, err := s.Object(t.Context(), k); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", k, err)
		}
	}
}

func TestWhatIsCachedIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	s, _ := host(t, nil)
	if _, err := system.Get[system.Group](t.Context(), s, "new"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := s.WriteFile("/etc/group", system.Data([]byte("new:x:5:\n")), system.Attrs{}); err != nil {
		t.Fatal(err)
	}
	if g, err := system.Get[system.Group](t.Context(), s, "new"); err != nil || g.GID != 5 {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestOtherPackageManagers(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"pacman": {"/var/lib/pacman/local/curl-8.9-1/desc": "", "/var/lib/pacman/local/ALPM_DB_VERSION": "9"},
		"apk":    {"/lib/apk/db/installed": "P:curl\nV:8.9-1\n\n"},
	} {
		files["/var/lib/dpkg/status"] = ""
		s, _ := host(t, files)
		if p, err := system.Get[system.Package](t.Context(), s, "curl"); err != nil || p.Version != "8.9-1" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	s, root := host(t, map[string]string{"/run/systemd/system/x": ""})
	link(t, "/usr/share/zoneinfo/Asia/Tokyo", root+"/etc/localtime")
	f := *s.Facts()
	if f.CPU != (system.CPU{Count: 4, Model: "X"}) || f.Memory.TotalMB != 2048 || f.User.UID != os.Geteuid() || f.Network.Nameservers[0] != "10.0.0.2" {
		t.Errorf("%+v", f)
	}
	if len(f.Mounts) != 3 || f.Mounts[2].Path != "/data" || f.Mounts[2].FSType != "tmpfs" || f.Mounts[0].SizeMB == 0 {
		t.Errorf("mounts %+v", f.Mounts)
	}
	f.CPU, f.Memory, f.Network, f.Mounts, f.User = system.CPU{}, system.Memory{}, system.Network{}, nil, system.Identity{}
	if diff := cmp.Diff(system.Facts{
		Hostname: "web1", FQDN: "web1.example.org", MachineID: "0123", BootID: "4567", Arch: runtime.GOARCH, Kernel: "6.1.0-25-amd64",
		Init: "systemd", PackageManager: "apt", Cgroup: 2, OS: system.OS{
			ID: "debian", Family: "debian", Name: "\x1b[31m{{ x }}", Version: "12", Codename: "bookworm", ReadOnly: true,
			Virtual: "kvm", SELinux: "permissive", TimeZone: "Asia/Tokyo", UptimeSecs: 12,
		},
	}, f); diff != "" {
		t.Error(diff)
	}
}

func TestFactsOfAnEmptyHost(t *testing.T) {
	t.Parallel()
	f := local.New(local.Options{Root: t.TempDir()}).Facts()
	if f.Arch != runtime.GOARCH || f.CPU.Count == 0 || f.OS.TimeZone != "UTC" || f.OS.Virtual != "none" || f.Mounts == nil || f.Network.Nameservers == nil {
		t.Errorf("%+v", f)
	}
}

func TestUnitsOfAHostWithoutSystemdAreReadFromTheirFiles(t *testing.T) {
	t.Parallel()
	const etc, usr = "/etc/systemd/system/", "/usr/lib/systemd/system/"
	s, root := host(t, map[string]string{
		usr + "a.service": "[Unit]\n[Install]\n", usr + "b.service": "[Install]\n", usr + "s.service": "[Service]\n", usr + "t@.service": "[Install]\n", usr + "m.service": "[Install]\n",
		etc + "d.service/x": "",
	})
	link(t, "/dev/null", root+etc+"m.service")
	link(t, usr+"b.service", root+etc+"multi-user.target.wants/b.service")
	link(t, usr+"t@.service", root+etc+"multi-user.target.wants/t@2.service")
	for name, want := range map[string]system.Unit{
		"a.service": {}, "b.service": {Enabled: true}, "s.service": {Enabled: true, Static: true}, "t@1.service": {}, "t@2.service": {Enabled: true}, "t@.service": {}, "m.service": {Masked: true},
	} {
		if got, err := system.Get[system.Unit](t.Context(), s, name); got != want || err != nil {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, name := range []string{"d.service", "a", "no.service", "../system/a.service", ""} {
		if _, err := system.Get[system.Unit](t.Context(), s, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
