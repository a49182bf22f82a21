package local

import (
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/engine/system"
	"github.com/gokube/gokube/engine/system/local/netlink"
	"github.com/gokube/gokube/engine/system/local/proc"
)

// gather reads the facts. What a host does not say stays empty.
func (s *System) gather() *system.Facts {
	name := s.line("/proc/sys/kernel/hostname")
	short, _, _ := strings.Cut(name, ".")
	mounts := proc.Mounts(s.read("/proc/self/mountinfo"))
	f := &system.Facts{
		Hostname: short, FQDN: proc.FQDN(s.read("/etc/hosts"), name), MachineID: s.line("/etc/machine-id"),
		BootID: s.line("/proc/sys/kernel/random/boot_id"), OS: s.os(mounts), Arch: runtime.GOARCH, Kernel: s.line("/proc/sys/kernel/osrelease"),
		CPU:     system.CPU{Count: proc.Count(s.read("/sys/devices/system/cpu/online")), Model: proc.CPUModel(s.read("/proc/cpuinfo"))},
		Network: netlink.Network(), Mounts: s.mounts(mounts), Init: s.initName(), Cgroup: 1, User: s.accounts.self(),
	}
	f.Network.Nameservers = proc.Nameservers(s.read("/etc/resolv.conf"))
	f.PackageManager = s.packageManager(f.OS.Family)
	f.Memory.TotalMB, f.Memory.SwapTotalMB = proc.Memory(s.read("/proc/meminfo"))
	if f.CPU.Count == 0 {
		f.CPU.Count = runtime.NumCPU()
	}
	if s.exists("/sys/fs/cgroup/cgroup.controllers") {
		f.Cgroup = 2
	}
	return f
}

func (s *System) os(mounts []proc.Mount) system.OS {
	text := s.read("/etc/os-release")
	if text == "" {
		text = s.read("/usr/lib/os-release")
	}
	r := proc.OSRelease(text)
	up, _, _ := strings.Cut(s.read("/proc/uptime"), ".")
	secs, _ := strconv.ParseInt(up, 10, 64)
	return system.OS{
		ID: r["ID"], Family: proc.Family(r), Name: r["NAME"], Version: r["VERSION_ID"], Codename: r["VERSION_CODENAME"], Variant: r["VARIANT_ID"],
		ReadOnly: readOnly(mounts, "/usr"), Virtual: s.virtual(), SELinux: s.selinux(), AppArmor: s.line("/sys/module/apparmor/parameters/enabled") == "Y",
		TimeZone: s.timeZone(), UptimeSecs: secs,
	}
}

// readOnly reports whether the file system that p is on is mounted read-only.
func readOnly(mounts []proc.Mount, p string) bool {
	best, ro := -1, false
	for _, m := range mounts {
		within := m.Point == p || strings.HasPrefix(p, strings.TrimSuffix(m.Point, "/")+"/")
		if within && len(m.Point) >= best {
			best, ro = len(m.Point), slices.Contains(strings.Split(m.Options, ","), "ro")
		}
	}
	return ro
}

func (s *System) selinux() string {
	switch s.line("/sys/fs/selinux/enforce") {
	case "1":
		return "enforcing"
	case "0":
		return "permissive"
	}
	return "disabled"
}

func (s *System) timeZone() string {
	target, err := os.Readlink(s.real("/etc/localtime", false))
	if _, zone, ok := strings.Cut(target, "zoneinfo/"); err == nil && ok {
		return zone
	}
	if zone := s.line("/etc/timezone"); zone != "" {
		return zone
	}
	return "UTC"
}

// virtual is what the host runs in: a container, a hypervisor's machine, or none.
func (s *System) virtual() string {
	for _, p := range []string{"/run/systemd/container", "/run/host/container-manager", "/run/.containerenv", "/.dockerenv"} {
		if s.exists(p) {
			return "container"
		}
	}
	if strings.Contains("\x00"+s.read("/proc/1/environ"), "\x00container=") {
		return "container"
	}
	maker := s.line("/sys/class/dmi/id/sys_vendor") + " " + s.line("/sys/class/dmi/id/product_name") + " " + s.line("/sys/class/dmi/id/bios_vendor")
	for _, v := range [][2]string{
		{"QEMU", "kvm"}, {"KVM", "kvm"}, {"Google", "kvm"}, {"Amazon EC2", "kvm"}, {"OpenStack", "kvm"}, {"VMware", "vmware"},
		{"VirtualBox", "virtualbox"}, {"innotek", "virtualbox"}, {"Virtual Machine", "hyperv"}, {"Xen", "xen"}, {"Parallels", "parallels"},
	} {
		if strings.Contains(maker, v[0]) && !strings.Contains(maker, ".metal") {
			return v[1]
		}
	}
	if proc.Virtualized(s.read("/proc/cpuinfo")) {
		return "vm"
	}
	return "none"
}

func (s *System) initName() string {
	if s.exists("/run/systemd/system") {
		return "systemd"
	}
	if s.exists("/run/openrc") {
		return "openrc"
	}
	return s.line("/proc/1/comm")
}

// packageManager is the one of the host's family that is there; a host may have
// another family's for other ends.
func (s *System) packageManager(family string) string {
	if s.exists("/run/ostree-booted") && s.exists("/usr/bin/rpm-ostree") {
		return "rpm-ostree"
	}
	all := [][2]string{
		{"apt", "/usr/bin/apt-get"}, {"dnf", "/usr/bin/dnf"}, {"dnf", "/usr/bin/dnf5"}, {"yum", "/usr/bin/yum"},
		{"zypper", "/usr/bin/zypper"}, {"pacman", "/usr/bin/pacman"}, {"apk", "/sbin/apk"},
	}
	own := map[string][]string{"debian": {"apt"}, "redhat": {"dnf", "yum"}, "suse": {"zypper"}, "arch": {"pacman"}, "alpine": {"apk"}, "flatcar": {""}}[family]
	for _, m := range all {
		if (own == nil || slices.Contains(own, m[0])) && s.exists(m[1]) {
			return m[0]
		}
	}
	return ""
}

// mounts are the file systems that hold files of their own, without those that
// containers bring; the size of one that is elsewhere is not asked for, since its
// answer may never come.
func (s *System) mounts(all []proc.Mount) (out []system.MountAt) {
	const most = 200
	out = []system.MountAt{}
	for _, m := range all {
		disk := strings.HasPrefix(m.Source, "/")
		far := slices.Contains([]string{"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "9p", "virtiofs"}, m.FSType) || strings.HasPrefix(m.FSType, "fuse")
		plain := disk || far || m.Point == "/" || slices.Contains([]string{"tmpfs", "zfs", "btrfs"}, m.FSType)
		if !plain || hasAnyPrefix(m.Point, "/var/lib/kubelet/", "/var/lib/docker/", "/var/lib/containers/", "/run/containerd/", "/run/netns/", "/run/docker/") || len(out) == most {
			continue
		}
		at := system.MountAt{Path: m.Point, Device: m.Source, FSType: m.FSType, Options: m.Options}
		var st unix.Statfs_t
		if !far && unix.Statfs(s.opt.Root+path.Clean(m.Point), &st) == nil {
			at.SizeMB, at.FreeMB = int64(st.Blocks)*st.Bsize>>20, int64(st.Bavail)*st.Bsize>>20
		}
		// What is mounted over something hides it.
		out = append(slices.DeleteFunc(out, func(o system.MountAt) bool { return o.Path == at.Path }), at)
	}
	return out
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
