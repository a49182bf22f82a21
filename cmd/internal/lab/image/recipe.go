// Package image makes the root file systems that a lab's hosts start from, and
// keeps them for the next lab. It does not know how a host is started.
//
// # Decisions
//
// An image is kept under a name that holds the hash of all that went into it, so a
// changed recipe makes a new image and an unchanged one is never rebuilt. It is
// built in a temporary folder and renamed, so what has an image's name is whole.
// The plain image has no Python: gokube needs none on a host, and a host that has
// none proves it. The python image is a layer above the plain one.
package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// The variants of the image.
const (
	Plain  = "plain"
	Python = "python" // what other tools need on a host, too
)

// Variants lists the names of all variants.
func Variants() []string { return []string{Plain, Python} }

// User is the account that the hosts' sshd lets in.
const User = "deploy"

// recipe is all that goes into the plain image; its hash is the image's name.
type recipe struct {
	Version  int // raised when what prepare does changes
	Arch     string
	Suite    string
	Sources  string // the machine's sources, as the image is built with
	Packages []string
	Files    map[string]string
	Masks    []string
	Folders  []string
}

// layer is what a variant adds to the plain image.
type layer struct {
	Below    string // the plain image's key
	Packages []string
}

func plainRecipe(s Sources) recipe {
	return recipe{
		Version:  2,
		Arch:     runtime.GOARCH,
		Suite:    s.Suite,
		Sources:  s.deb822(false),
		Packages: packages(),
		Files:    files(s),
		Masks:    masks(),
		Folders:  append(DataFolders(), "/usr/lib/modules"),
	}
}

func key(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("image: a recipe is plain data: %v", err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// packages are what a small real host has, and what a Kubernetes host needs later.
func packages() []string {
	return strings.Fields(`
		systemd systemd-sysv dbus libpam-systemd udev openssh-server sudo
		iproute2 iptables nftables ipset conntrack ethtool socat ebtables iputils-ping netbase curl ca-certificates
		kmod procps util-linux less vim-tiny jq rsync cron gnupg apt-utils`)
}

// DataFolders are the folders that container runtimes put overlays of their own
// in. They cannot lie on a host's overlay; each host has them on the disk below.
func DataFolders() []string {
	return []string{"/var/lib/containerd", "/var/lib/kubelet", "/var/lib/rancher", "/var/lib/docker", "/var/lib/containers"}
}

// masks are the units that make no sense on a host without devices, consoles and
// a clock of its own, or that would start on their own while a test looks.
func masks() []string {
	return strings.Fields(`
		systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service
		systemd-tmpfiles-setup-dev.service systemd-networkd.service systemd-networkd-wait-online.service
		getty@.service console-getty.service getty.target serial-getty@.service
		sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount dev-mqueue.mount
		proc-sys-fs-binfmt_misc.automount modprobe@.service
		apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer`)
}

// files are written into the image, by path.
func files(s Sources) map[string]string {
	return map[string]string{
		"/etc/apt/sources.list.d/debian.sources": s.deb822(true),
		"/etc/apt/apt.conf.d/90lab": `Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
Acquire::Languages "none";
Acquire::http::Timeout "600";
`,
		"/etc/dpkg/dpkg.cfg.d/lab":                                 "force-unsafe-io\n",
		"/etc/systemd/journald.conf.d/lab.conf":                    "[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n",
		"/etc/systemd/system/chrony.service.d/lab.conf":            withoutClock + "[Service]\nExecStart=\nExecStart=!/usr/sbin/chronyd -x $DAEMON_OPTS\n",
		"/etc/systemd/system/systemd-timesyncd.service.d/lab.conf": withoutClock + "[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\n",
		"/etc/machine-id":                                          "",
	}
}

// withoutClock lets a time service start on a host that may not set the clock,
// which is this machine's.
const withoutClock = "[Unit]\nConditionCapability=\nConditionVirtualization=\n"

// checkVariant refuses a variant that is none.
func checkVariant(v string) error {
	if !slices.Contains(Variants(), v) {
		return fmt.Errorf("use image %q: there are %s", v, strings.Join(Variants(), " and "))
	}
	return nil
}
