//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gokube/gokube/cmd/internal/lab/cgroup"
)

// errRoot refuses whoever may not make namespaces and mounts.
var errRoot = errors.New("a lab needs root on this machine, for namespaces, mounts and a bridge; run it with sudo")

// check tells, all at once, what this machine lacks for a lab whose disks lie in dir.
func check(dir string) error {
	if os.Geteuid() != 0 {
		return errRoot
	}
	var errs []error
	if known, err := os.ReadFile("/proc/filesystems"); err == nil && !slices.Contains(strings.Fields(string(known)), "overlay") {
		// A module that is not loaded yet is not listed; modprobe is harmless where there is none.
		if exec.Command("modprobe", "overlay").Run() != nil {
			errs = append(errs, errors.New("this kernel has no overlay file system (CONFIG_OVERLAY_FS)"))
		}
	}
	for _, ns := range []string{"cgroup", "ipc", "mnt", "net", "pid", "uts"} {
		if _, err := os.Stat("/proc/self/ns/" + ns); err != nil {
			errs = append(errs, fmt.Errorf("this kernel has no %s namespaces", ns))
		}
	}
	if _, err := cgroup.Hierarchies(); err != nil {
		errs = append(errs, err)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		errs = append(errs, errors.New("ip is not installed; run: apt-get install -y iproute2"))
	}
	errs = append(errs, checkPowers(), checkDisk(dir))
	return errors.Join(errs...)
}

// checkPowers asks for the capabilities that root in a container may lack.
func checkPowers() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return fmt.Errorf("read this process's capabilities: %w", err)
	}
	var lacks []string
	for name, bit := range map[string]uint{"CAP_SYS_ADMIN": unix.CAP_SYS_ADMIN, "CAP_NET_ADMIN": unix.CAP_NET_ADMIN,
		"CAP_NET_RAW": unix.CAP_NET_RAW, "CAP_MKNOD": unix.CAP_MKNOD, "CAP_SYS_CHROOT": unix.CAP_SYS_CHROOT} {
		if data[bit/32].Effective&(1<<(bit%32)) == 0 {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) > 0 {
		slices.Sort(lacks)
		return fmt.Errorf("root lacks %s here, as in an unprivileged container; run the lab on the machine itself, or in a container with --privileged", strings.Join(lacks, ", "))
	}
	return nil
}

const overlayMagic = 0x794c7630

// checkDisk refuses a folder that cannot hold an overlay's upper layer.
func checkDisk(dir string) error {
	if strings.ContainsAny(dir, ":,\\\"\n") {
		return fmt.Errorf("use folder %q: its name holds a character that mount options cannot", dir)
	}
	for at := dir; ; at = filepath.Dir(at) {
		var st unix.Statfs_t
		if err := unix.Statfs(at, &st); err != nil && at != "/" {
			continue
		}
		if st.Type == overlayMagic {
			return fmt.Errorf("%s lies on an overlay file system, which cannot hold another's disks; name a folder elsewhere with --dir", dir)
		}
		return nil
	}
}
