//go:build linux

package hostinit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const quiet = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// mount mounts below the host's root; the mount point exists.
func (s *Spec) mount(kind, at string, flags uintptr, options string) error {
	if err := unix.Mount(kind, s.Root+at, kind, flags, options); err != nil {
		return fmt.Errorf("mount %s at %s: %w", kind, at, err)
	}
	return nil
}

// bind shows what lies at from, a file or folder of this machine, at a path of the host.
func (s *Spec) bind(from, at string, flags uintptr) error {
	if err := unix.Mount(from, s.Root+at, "", unix.MS_BIND|flags, ""); err != nil {
		return fmt.Errorf("show %s at %s: %w", from, at, err)
	}
	return nil
}

// mountDisk mounts the overlay. Its features that leave more than plain files in
// the upper folder are off, since others read that folder.
func (s *Spec) mountDisk() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	return s.mount("overlay", "", 0, fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=off,metacopy=off,index=off",
		strings.Join(s.Layers, ":"), s.Upper, s.Work))
}

func (s *Spec) mountKernel() error {
	return errors.Join(
		s.mount("proc", "/proc", quiet, ""),
		s.mount("sysfs", "/sys", quiet|unix.MS_RDONLY, ""),
		s.mount("tmpfs", "/run", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"),
		os.MkdirAll(s.Root+"/run/lock", 0o755),
		unix.Mount("tmpfs", s.Scratch, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"),
	)
}

// mountDevices lays out /dev with the devices that a container gets, and no disk.
func (s *Spec) mountDevices() error {
	if err := s.mount("tmpfs", "/dev", unix.MS_NOSUID, "mode=755,size=4m"); err != nil {
		return err
	}
	for _, d := range []string{"null", "zero", "full", "random", "urandom", "tty", "kmsg", "fuse", "net/tun"} {
		if _, err := os.Stat("/dev/" + d); err != nil {
			continue
		}
		if err := s.device("/dev/"+d, "/dev/"+d); err != nil {
			return err
		}
	}
	if err := s.device("/dev/null", "/dev/console"); err != nil {
		return err
	}
	for link, to := range map[string]string{"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
		"stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		if err := os.Symlink(to, s.Root+"/dev/"+link); err != nil {
			return err
		}
	}
	for _, d := range []string{"pts", "shm", "mqueue", "hugepages"} {
		if err := os.Mkdir(s.Root+"/dev/"+d, 0o755); err != nil {
			return err
		}
	}
	return errors.Join(
		s.mount("devpts", "/dev/pts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5"),
		s.mount("tmpfs", "/dev/shm", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"),
		s.mount("mqueue", "/dev/mqueue", quiet, ""),
	)
}

func (s *Spec) device(from, at string) error {
	if err := os.MkdirAll(filepath.Dir(s.Root+at), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(s.Root+at, nil, 0o666); err != nil {
		return err
	}
	return s.bind(from, at, 0)
}

func (s *Spec) mountData() error {
	for at, dir := range s.Data {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := s.bind(dir, at, 0); err != nil {
			return err
		}
	}
	return nil
}

// changeRoot leaves this machine's files for good.
func (s *Spec) changeRoot() error {
	if err := os.Chdir(s.Root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// systemd and container runtimes expect a shared root, as on a real host.
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, "")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
